extension [String] {
    /// What the standard library does for sequences of many kinds, for the one kind there is. The first call of that one makes the runtime search all
    /// conformances in the program, and short commands make but one.
    package func joined(separator: String) -> String {
        var text = first ?? ""
        for element in dropFirst() {
            text += separator
            text += element
        }
        return text
    }
}
