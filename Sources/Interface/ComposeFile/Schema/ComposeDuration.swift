internal import Arguments

/// Lengths of time as Compose files write them: Go's, with days and weeks.
package enum ComposeDuration {
    /// Nil for what is none.
    package static func nanoseconds(_ text: String) -> Int? {
        if let plain = Syntax.durationNanoseconds(text) { return plain }
        var total = 0, rest = text[...]
        for (unit, hours) in [(Character("w"), 168), (Character("d"), 24)] {
            guard let end = rest.firstIndex(of: unit), let count = Int(rest[..<end]) else { continue }
            let (product, overflows) = count.multipliedReportingOverflow(by: hours * 3_600_000_000_000)
            let (sum, overflowsToo) = total.addingReportingOverflow(product)
            if overflows || overflowsToo { return nil }
            total = sum
            rest = rest[rest.index(after: end)...]
        }
        if rest.isEmpty { return text.isEmpty ? nil : total }
        guard let small = Syntax.durationNanoseconds(String(rest)) else { return nil }
        let (sum, overflows) = total.addingReportingOverflow(small)
        return overflows ? nil : sum
    }
}
