import Testing

@Suite struct `Properties of the log` {
    @Test
    func
        `P-27 given any payloads, then they are read as written, compressed or not, in any groups`()
        throws
    {
        try hold()
    }
}
