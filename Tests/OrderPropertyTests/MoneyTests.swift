import Testing

@Suite struct `Properties of money` {
    @Test func `P-10 given any commands, then lines and orders add up at the price of the moment`()
        throws
    { try hold() }

    @Test func `P-11 given any commands, then tax is the named rounding of net times rate`() throws
    { try hold() }

    @Test func `P-11 given any net, then tax is monotone and within half a unit`() throws {
        try hold()
    }

    @Test func `P-12 given any commands, then no more goes back than came, or comes than may`()
        throws
    { try hold() }

    @Test func `P-13 D-04 given any commands, then an order is charged under one key only`() throws
    { try hold() }

    @Test func `P-13 given any bank, then one key takes money and log and bank name the same sum`()
        throws
    { try hold() }

    @Test func `P-14 given any commands, then the status follows from the axes and moves legally`()
        throws
    { try hold() }

    @Test func `P-15 given any commands, then a price that changes changes no order`() throws {
        try hold()
    }

    @Test func `P-17 given any amounts, then arithmetic is exact or refused`() throws { try hold() }

    @Test func `P-18 given money of 0, 2 or 3 decimals, then it reads back as written`() throws {
        try hold()
    }
}
