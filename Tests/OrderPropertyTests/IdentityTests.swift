import Testing

@Suite struct `Properties of identity` {
    @Test func `P-19 given any commands, then a token is redeemed once at most`() throws {
        try hold()
    }

    @Test func `P-20 given any commands, then an address has one holder, however it is written`()
        throws
    { try hold() }

    @Test
    func `P-20 given two spellings, then they are the same address exactly if they mean the same`()
        throws
    { try hold() }

    @Test func `P-20a given any commands, then a token works exactly while all about it is right`()
        throws
    { try hold() }
}
