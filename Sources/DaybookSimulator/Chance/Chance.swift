/// A placeholder.
enum Chance {}
