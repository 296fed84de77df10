/// FNV-1a, 128 bits: names cached filters and notices damaged ones. The same in every process, fast on short input, and no defence
/// against somebody who chooses the input: the directory it serves is root's alone.
/// http://www.isthe.com/chongo/tech/comp/fnv/
struct StableHash {
    private(set) var value: UInt128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d

    mutating func add(_ bytes: some Sequence<UInt8>) {
        for byte in bytes { value = (value ^ UInt128(byte)) &* 0x0000_0000_0100_0000_0000_0000_0000_013b }
    }

    /// Adds text and an end mark, so that `ab`, `c` and `a`, `bc` differ.
    mutating func add(_ text: String) {
        add(text.utf8)
        add(CollectionOfOne(0))
    }
}
