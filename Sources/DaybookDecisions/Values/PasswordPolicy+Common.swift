extension PasswordPolicy {
    /// Passwords that lists of leaks show most often, with the long ones that a minimum of 15 invites.
    ///
    /// It is a floor, not a breach list: a shop that has one adds it to `blocked`.
    public static let common: Set<String> = Set(
        """
        000000 111111 112233 121212 123123 123321 123456 1234567 12345678 123456789 1234567890 \
        123abc 1q2w3e4r 1q2w3e4r5t 654321 666666 696969 987654321 abc123 abcd1234 access admin \
        admin123 administrator baseball batman changeme charlie daybook dragon football freedom \
        hello hello123 iloveyou jordan23 letmein login lovely master michael monkey mustang \
        passw0rd password password! password1 password12 password123 password1234 password12345 \
        princess qazwsx qwerty qwerty123 qwertyuiop secret shadow starwars sunshine superman \
        trustno1 welcome welcome1 welcome123 whatever zaq12wsx \
        administrator123 changemechangeme correcthorsebatterystaple correct-horse-battery-staple \
        daybookdaybook daybookpassword iloveyouiloveyou ilovemyselfsomuch letmeinletmein1 \
        letmeinplease123 mypasswordismypassword mypasswordispassword passw0rdpassw0rd \
        password12345678 password123456789 password1234567890 passwordpassword \
        passwordpassword1 passwordpassword123 qwerty1234567890 qwertyqwertyqwerty \
        qwertyuiop123456 qwertyuiop1234567890 supersecretpassword superstrongpassword \
        thisismypassword thisismypassword1 thequickbrownfox thequickbrownfoxjumps \
        trustno1trustno1 welcome123456789 welcomewelcome1 whatismypassword yourpasswordhere
        """.split(separator: " ").map(String.init))
}
