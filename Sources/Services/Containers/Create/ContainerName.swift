import Diagnostics

/// Names of containers: what they may be, and new ones.
enum ContainerName {
    static func validate(_ name: String) throws(Fault) {
        let bytes = Array(name.utf8)
        func isAlphanumeric(_ byte: UInt8) -> Bool { (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte) }
        guard bytes.count > 1, let first = bytes.first, isAlphanumeric(first),
            bytes.allSatisfy({ isAlphanumeric($0) || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "-") })
        else { throw Fault(.invalid, "Invalid container name (\(name)), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed") }
        guard bytes.count <= 255 else { throw Fault(.invalid, "Invalid container name (\(name)): longer than 255 characters") }
    }

    /// An adjective and a person who moved computing or seafaring on; a digit is added from the second try.
    static func random(attempt: Int) -> String {
        // The arrays are never empty.
        let name = "\(adjectives.randomElement() ?? "calm")_\(people.randomElement() ?? "hopper")"
        return attempt == 0 ? name : name + "\(Int.random(in: 0...9))"
    }

    private static let adjectives = [
        "able", "agile", "amber", "ample", "apt", "avid", "bold", "brave", "breezy", "bright", "brisk", "calm", "candid", "clever", "cool",
        "cosmic", "crisp", "daring", "deft", "eager", "earnest", "fair", "fearless", "fleet", "fluent", "fond", "frank", "fresh", "gallant",
        "gentle", "glad", "golden", "grand", "happy", "hardy", "honest", "humble", "jolly", "keen", "kind", "limber", "lively", "loyal",
        "lucid", "lucky", "mellow", "merry", "mighty", "mild", "modest", "neat", "nimble", "noble", "patient", "placid", "plucky", "polite",
        "proud", "prudent", "quick", "quiet", "ready", "robust", "salty", "serene", "sharp", "silent", "snappy", "snug", "sober", "solid",
        "spry", "stable", "steady", "stoic", "sturdy", "subtle", "sunny", "swift", "tidy", "trim", "trusty", "upbeat", "valiant", "vivid",
        "warm", "wise", "witty", "zesty",
    ]

    private static let people = [
        "anning", "babbage", "bartik", "bernoulli", "bohr", "boole", "borg", "burnell", "cabot", "cartwright", "cerf", "clarke", "codd",
        "cook", "curie", "darwin", "diffie", "dijkstra", "drake", "edison", "engelbart", "euler", "faraday", "fermat", "feynman", "floyd",
        "franklin", "galileo", "gauss", "germain", "goldberg", "hamilton", "hamming", "hawking", "hellman", "herschel", "hoare", "hopper",
        "hypatia", "jackson", "johnson", "kepler", "kernighan", "kilby", "knuth", "lamarr", "lamport", "leavitt", "liskov", "lovelace",
        "magellan", "maxwell", "mccarthy", "meitner", "minsky", "moore", "morse", "nansen", "naur", "newton", "noether", "noyce", "perlman",
        "poincare", "ramanujan", "raman", "ride", "ritchie", "sammet", "shannon", "shaw", "stonebraker", "sutherland", "tereshkova", "tesla",
        "thompson", "torvalds", "turing", "vaughan", "villani", "volta", "wilkes", "wing", "wozniak", "wu", "yalow", "zhukovsky",
    ]
}
