/// Sets of bits are made of their members directly. By way of sequences, as the standard library has it, the first of each kind costs a search of
/// all conformances in the program.
extension OptionSet where RawValue: FixedWidthInteger {
    @inlinable package init(arrayLiteral elements: Self...) {
        var bits: RawValue = 0
        for element in elements { bits |= element.rawValue }
        self.init(rawValue: bits)
    }
}
