import Glibc

/// `Schemas/readmodels` beside the `Tests` folder that this file was compiled from.
enum SchemaFolder {
    static var path: String {
        let parts = #filePath.split(separator: "/", omittingEmptySubsequences: false)
        return parts.dropLast(3).joined(separator: "/") + "/Schemas/readmodels"
    }

    static var isToBeWritten: Bool { getenv("DAYBOOK_WRITE_SCHEMAS") != nil }
}
