extension Event {
    /// What does not add up inside the event itself; empty for a sound one. Each text begins with the
    /// number of the property (DOMAIN section 5).
    package func violations() -> [String] {
        if case .orderPlaced(let event) = self { event.violations() } else { [] }
    }
}

extension OrderPlaced {
    /// P-10 and P-11: lines and order add up, and every tax is the named rounding of its net.
    fileprivate func violations() -> [String] {
        var found: [String] = []
        var net: Int64 = 0
        var tax: Int64 = 0
        for (offset, line) in lines.enumerated() {
            let expected = line.unitPriceMinor.multipliedReportingOverflow(
                by: Int64(line.quantity.rawValue))
            if expected.overflow || expected.partialValue != line.netMinor {
                found.append("P-10 \(orderID) line \(line.lineNumber): net is not quantity × price")
            }
            if rounding.tax(onNet: line.netMinor, at: taxRate) != line.taxMinor {
                found.append(
                    "P-11 \(orderID) line \(line.lineNumber): tax is not the rounding of net × rate"
                )
            }
            if Int(line.lineNumber) != offset + 1 {
                found.append("P-10 \(orderID): line \(offset + 1) is numbered \(line.lineNumber)")
            }
            net &+= line.netMinor
            tax &+= line.taxMinor
        }
        if net != netMinor || tax != taxMinor || net &+ tax != payableMinor {
            found.append("P-10 \(orderID): the sums of the lines are not the order's")
        }
        return found
    }
}
