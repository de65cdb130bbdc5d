import Testing

@Suite struct `Properties of read models` {
    @Test func `P-14 given any commands, then the rows of orders are what the events say`() throws {
        try hold()
    }

    @Test func `P-31 given any commands, then the rows of inventory are what the events say`()
        throws
    { try hold() }

    @Test func `P-31 given any commands, then the rows of users are what the events say`() throws {
        try hold()
    }

    @Test func `P-31 P-33 given any runs, then rows are those of one run, table by table`() throws {
        try hold()
    }

    @Test func `P-32 given batches that come again, then no row and no checkpoint changes`() throws
    { try hold() }

    @Test func `P-35 given two orders of different goods, then their stories commute`() throws {
        try hold()
    }
}
