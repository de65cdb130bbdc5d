import Testing

@Suite struct `Properties of read models` {
    @Test func `P-31 given any commands, then the rows of inventory are what the events say`()
        throws
    { try hold() }

    @Test func `P-14 given any commands, then the rows of orders are what the events say`() throws {
        try hold()
    }

    @Test func `P-31 given any commands, then the rows of users are what the events say`() throws {
        try hold()
    }

    @Test func `P-31 given parcels and returns, then the rows of orders are what the events say`()
        throws
    { try hold() }

    @Test func `P-31 P-33 given any runs, then the rows of inventory are those of one run`() throws
    { try hold() }

    @Test func `P-31 P-33 given any runs, then the rows of orders are those of one run`() throws {
        try hold()
    }

    @Test func `P-31 P-33 given any runs, then the rows of users are those of one run`() throws {
        try hold()
    }

    @Test func `P-32 given batches that come again, then nothing of inventory changes`() throws {
        try hold()
    }

    @Test func `P-32 given batches that come again, then nothing of orders changes`() throws {
        try hold()
    }

    @Test func `P-32 given batches that come again, then nothing of users changes`() throws {
        try hold()
    }

    @Test func `P-35 given two orders of different goods, then their stories commute`() throws {
        try hold()
    }
}
