import DaybookCore
import Testing

@testable import DaybookDecisions

@Suite struct GatewayKeyShapeTests {
    private static let order = "ord_01h2xcejqtf2nbrexx3vqjhp41"

    @Test(arguments: [
        "\(order)/1", "\(order)/9", "\(order)/10", "\(order)/void", "\(order)/0", "\(order)/01",
        "\(order)/", "\(order)", "\(order)/1 ", "ord_81h2xcejqtf2nbrexx3vqjhp41/1",
        "ord_01h2xcejqtf2nbrexx3vqjhpU1/1", "pay_01h2xcejqtf2nbrexx3vqjhp41/1", "", "ch_1",
        "\(order)/cap_01h2xcejqtf2nbrexx3vqjhp41", "\(order)/cap_x", "\(order)x1",
    ])
    func `given a text, when asked whether it is a key, then the answer is what reading it says`(
        text: String
    ) {
        #expect(GatewayKey.isKey(text) == (GatewayKey(text) != nil))
    }
}
