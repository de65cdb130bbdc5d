import DaybookCore
import DaybookDecisions
import DaybookGateways

let pounds = Currency(rawValue: "GBP")!
let yen = Currency(rawValue: "JPY")!
let alice = UserID(rawValue: 0x0191_0000_0000_7000_8000_0000_0000_00A1)
let order = OrderID(rawValue: 0x0191_0000_0000_7000_8000_0000_0000_0001)
let confirmation = MailID(rawValue: 0x0191_0000_0000_7000_8000_0000_0000_0002)
/// 2010-12-01T12:00:00Z, a Wednesday.
let noon = Instant(microseconds: 1_291_204_800_000_000)

func charge(
    _ key: String, _ minor: Int64 = 1_998, _ currency: Currency = pounds,
    mode: CaptureMode = .automatic, at instant: Instant = noon
) -> ChargeRequest {
    ChargeRequest(
        key: key, amount: Money(minor: minor, currency: currency), captureMode: mode,
        customer: alice, at: instant)
}

func gbp(_ minor: Int64) -> Money { Money(minor: minor, currency: pounds) }

/// The error's code, so that a test can name it.
func code<Value>(of body: () throws(GatewayError) -> Value) -> GatewayError.Code? {
    do throws(GatewayError) {
        _ = try body()
        return nil
    } catch {
        return error.code
    }
}
