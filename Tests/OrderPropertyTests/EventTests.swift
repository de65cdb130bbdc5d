import Testing

@Suite struct `Properties of events and states` {
    @Test func `P-24 given any commands, then positions and order numbers leave no gap`() throws {
        try hold()
    }

    @Test func `P-29 given events of older programs, then lifted they fold like today's`() throws {
        try hold()
    }

    @Test func `P-29 given any version, then lifting takes every step to today's name`() throws {
        try hold()
    }

    @Test func `P-30 given any commands, then folding ShopDecider is deterministic`() throws {
        try hold()
    }

    @Test func `P-30 given any commands, then ShopDecider decides from its state only`() throws {
        try hold()
    }

    @Test
    func `P-37 D-18 given any commands, then each cause asks for one mail, and for good reason`()
        throws
    { try hold() }

    @Test
    func `P-38 given one payment's messages in any order and number, then the same comes of it`()
        throws
    { try hold() }

    @Test
    func `P-39 given any commands, then only what is due and unpaid expires, late money goes back`()
        throws
    { try hold() }

    @Test func `Q-2 given any commands, then a paid order asks once to be processed, and may be`()
        throws
    { try hold() }

    @Test func `P-40 given a snapshot at any step, then it goes on like the state itself`() throws {
        try hold()
    }

    @Test
    func `P-40 given any position, then the state as of then is that of a shop fed only so far`()
        throws
    { try hold() }

    @Test
    func
        `P-21 P-22 given keys that come again, then one effect each, and none for another request`()
        throws
    { try hold() }

    @Test func `P-38 given any commands, then a message of the bank is taken in once`() throws {
        try hold()
    }
}
