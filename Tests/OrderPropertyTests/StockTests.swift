import Testing

@Suite struct `Properties of stock` {
    @Test func `P-01 given any commands, then no stock figure is negative and nothing is oversold`()
        throws
    { try hold() }

    @Test func `P-02 S-020 given any commands, then what fits the available stock is accepted`()
        throws
    { try hold() }

    @Test func `P-03 given any commands, then reserved is what orders keep, place by place`() throws
    { try hold() }

    @Test func `P-04 given any commands, then an open order keeps what it has yet to send`() throws
    { try hold() }

    @Test func `P-05 given any commands, then on hand is what the movements say`() throws {
        try hold()
    }

    @Test func `P-06 given any commands, then releases, parcels and returns have their source`()
        throws
    { try hold() }

    @Test func `P-07 given any commands, then an order that is given up keeps nothing`() throws {
        try hold()
    }

    @Test func `P-07 given an order that is given up among others, then as if never placed`() throws
    { try hold() }

    @Test
    func `P-08 given a line of a+b or two lines of a and b, then the same is accepted and kept`()
        throws
    { try hold() }

    @Test func `P-05 given parcels and returns, then on hand is what the movements say`() throws {
        try hold()
    }

    @Test func `P-06 given parcels and returns, then no more comes back than went`() throws {
        try hold()
    }
}
