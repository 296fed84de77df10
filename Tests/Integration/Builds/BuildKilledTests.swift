import Linux
import Testing

extension Integration {
    /// `kill -9` in the middle of builds.
    @Suite struct BuildKilledTests {
        let it: Installation

        init() throws {
            it = try Installation.withImage()
            try FileSystem.makeDirectories(context)
            try FileSystem.replace("\(context)/Dockerfile", with: Array(Self.dockerfile.utf8))
        }

        private var context: String { "\(it.directory)/context" }

        private static let dockerfile = """
            FROM --platform=$BUILDPLATFORM busybox AS build
            RUN echo made > /made
            FROM scratch
            COPY --from=build /made /

            """

        /// All that the store has of images and builds.
        private func stored() throws -> String {
            try it.shell("cd \(it.dataRoot) && for d in builds layers content/blobs/sha256 content/ingest; do echo $d; ls -A $d 2> /dev/null; done").out
        }

        @Test(
            "a build killed at any point leaves nothing that the next one and a prune do not take away",
            arguments: Failpoint.allCases.filter { $0.rawValue.hasPrefix("build.") })
        func killed(point: Failpoint) throws {
            try it.must("builder", "prune", "-af")
            let before = try stored(), cache = "type=local,dest=\(it.directory)/cache,src=\(it.directory)/cache,mode=max"
            if point == .buildAfterCachedLayer {
                #expect(try it.davit(["build", "--cache-to", cache, context]).code == 0)
                try it.must("image", "prune", "-f")
                try it.must("builder", "prune", "-af")
            }
            let arguments = ["build", "--platform", "linux/amd64,linux/arm64", "--cache-from", cache, "-t", "app", "--progress", "plain", context]
            let dead = try it.davit(arguments, environment: ["\(Failpoint.variable)=\(point.rawValue)"])
            #expect(dead.code == 137, "\(dead)")
            #expect(try !it.must("images").contains("app"))
            let next = try it.davit(arguments)
            #expect(next.code == 0, "\(next)")
            // What had been done is not done again.
            if [.buildAfterStep, .buildAfterImages, .buildAfterManifests].contains(point) { #expect(next.err.contains("CACHED")) }
            #expect(try it.must("save", "--platform", "linux/arm64", "-o", "\(it.directory)/app.tar", "app") == "")
            try it.must("rmi", "app")
            try it.must("image", "prune", "-f")
            try it.must("builder", "prune", "-af")
            #expect(try stored() == before)
            #expect(try it.must("ps", "-aq").isEmpty)
        }
    }
}
