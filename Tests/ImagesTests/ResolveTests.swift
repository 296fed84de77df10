import Diagnostics
import Images
import OCI
import Testing

@Suite struct ResolveTests {
    @Test func saysWhatIsMissing() throws {
        let fixture = try Fixture()
        func message(_ name: String) -> String {
            do throws(Fault) {
                _ = try fixture.images.resolve(name)
                return ""
            } catch { return error.message }
        }
        #expect(message("x") == "No such image: x:latest")
        #expect(message("abc") == "No such image: abc:latest")
        #expect(message("a/b:c") == "No such image: a/b:c")
        #expect(message("sha256:" + String(repeating: "0", count: 64)) == "No such image: sha256:" + String(repeating: "0", count: 64))
        #expect(message("UPPER") == "invalid reference format: repository name (library/UPPER) must be lowercase")
        #expect(message("") == "invalid reference format")
        #expect(message("-") == "invalid reference format")
    }
}
