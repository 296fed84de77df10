extension StringProtocol {
    /// The two sides of the first `separator`; nil when there is none.
    package func cut(_ separator: Character) -> (String, String)? {
        guard let index = firstIndex(of: separator) else { return nil }
        return (String(self[..<index]), String(self[self.index(after: index)...]))
    }
}
