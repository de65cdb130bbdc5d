/// The real history that ships with the program: a few whole invoices for `demo` and for trying
/// out.
enum SampleOrders {
    /// What the licence asks to be said wherever the data is used.
    static let attribution =
        "sample: 295 rows of \"Online Retail\" by Daqing Chen, UCI Machine Learning Repository, "
        + "https://doi.org/10.24432/C5BW33, CC BY 4.0"

    /// The CSV, compiled into the program: it is there wherever the program is.
    static var bytes: [UInt8] { PackageResources.sample_orders_csv }
}
