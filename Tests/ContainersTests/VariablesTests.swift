import Testing

@testable import Containers

@Suite struct VariablesTests {
    @Test(arguments: [
        (["A=1", "B=2"], ["B=3", "C=4"], ["A=1", "B=3", "C=4"]), (["A=1", "B=2"], ["A", "C"], ["B=2"]), ([], ["A=1", "A=2", "B"], ["A=2"]),
        (["A=1"], ["A=", "B=="], ["A=", "B=="]),
    ])
    func overriding(_ base: [String], _ given: [String], _ expected: [String]) { #expect(Variables.overriding(base, with: given) == expected) }
}
