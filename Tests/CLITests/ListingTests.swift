import JSON
import Testing

@testable import CLI

/// Lists in the forms that `--format` names.
@Suite struct ListingTests {
    private let listing = Listing(
        headings: [("ID", "NETWORK ID"), ("Name", "NAME"), ("Labels", "LABELS")], columns: ["ID", "Name"], typeName: "*network.networkContext",
        raw: [("network_id", "ID"), ("name", "Name"), ("labels", "Labels")])
    private let rows = [["ID": "1", "Name": "a", "Labels": "k=v"], ["ID": "22", "Name": "b", "Labels": ""]].map { values in Listing.Row(value: { values[$0] }) }

    @Test("raw: a line for each value, and one more between things; with --quiet that value alone") func raw() throws {
        #expect(try listing.render(rows, format: "raw") == "network_id: 1\nname: a\nlabels: k=v\n\nnetwork_id: 22\nname: b\nlabels:\n\n")
        #expect(try listing.render(rows, format: "raw", quietKey: "ID") == "network_id: 1\nnetwork_id: 22\n")
    }

    @Test("a field that is not there, in a table and without one") func unknown() {
        for format in ["{{.nope}}", "table {{.nope}}"] {
            let words = "template parsing error: template: :1:2: executing \"\" at <.nope>: can't evaluate field nope in type *network.networkContext"
            do {
                _ = try listing.render(rows, format: format)
                Issue.record("\(format) is shown")
            } catch { #expect((error as? Exit)?.message == words) }
        }
    }

    @Test("names in the order in which people count") func order() {
        #expect(Ports.naturallySorted(["v-10", "v-2", "w", "v-1", "v"]) { $0 } == ["v", "v-1", "v-2", "v-10", "w"])
    }
}
