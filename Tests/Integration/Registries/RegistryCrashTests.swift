import Linux
import Testing

extension Integration {
    /// The registry server killed between any two steps: what it said is there, what it did not say is not half there, and the client goes on.
    @Suite struct RegistryCrashTests {
        private static let push = """
            skopeo copy -q --dest-tls-verify=false oci:image:latest docker://$ADDRESS/a/b:v1
            """

        @Test(
            "killed while an image is pushed",
            arguments: [
                Failpoint.registryBlobBeforeRename, .registryBlobAfterRename, .registryBlobAfterLink, .registryManifestAfterBlob, .registryManifestAfterRevision,
            ]) func pushing(point: Failpoint) throws
        {
            let registry = try RegistryServer()
            try registry.must(RegistryServer.makeImage + "make_image image 5000")
            try registry.stop()
            try registry.start(environment: ["\(Failpoint.variable)=\(point.rawValue)"])
            #expect(try registry.shell(RegistryServer.makeImage + Self.push).code != 0)
            try registry.kill(isDying: true)
            #expect(try registry.must("$DAVIT registry check $CONFIG").hasSuffix("0 problems"))
            try registry.start()
            #expect(try registry.must("curl -s -o /dev/null -w '%{http_code}' $URL/v2/a/b/manifests/v1") == "404")
            // What pushes of before may count on stays.
            try registry.must("$DAVIT registry garbage-collect -q $CONFIG")
            try registry.must(
                RegistryServer.makeImage + Self.push + "; skopeo copy -q --src-tls-verify=false docker://$ADDRESS/a/b:v1 oci:back:latest; diff -r image/blobs back/blobs")
            #expect(try registry.must("$DAVIT registry check $CONFIG") == "3 blobs and 1 repositories checked, 0 problems")
        }

        @Test("killed while garbage is collected", arguments: [Failpoint.registryCollectAfterMark, .registryCollectAfterLinks, .registryCollectAfterBlob])
        func collecting(point: Failpoint) throws {
            // After a start what was pushed before it would stay for a while.
            let registry = try RegistryServer(storage: "  delete: {enabled: true}\n  maintenance: {garbagecollect: {enabled: false, lease: 0s}}")
            try registry.must(
                RegistryServer.makeImage + """
                    for i in 1 2; do make_image image$i 5000; skopeo copy -q --dest-tls-verify=false oci:image$i:latest docker://$ADDRESS/a/b:v$i; done
                    curl -sf -X DELETE $URL/v2/a/b/manifests/$(curl -sI $URL/v2/a/b/manifests/v1 | tr -d '\\r' | awk '$1 == "Docker-Content-Digest:" { print $2 }')
                    """)
            try registry.stop()
            try registry.start(environment: ["\(Failpoint.variable)=\(point.rawValue)"])
            #expect(try registry.shell("$DAVIT registry garbage-collect $CONFIG").code != 0)
            try registry.kill(isDying: true)
            #expect(try registry.must("$DAVIT registry check $CONFIG").hasSuffix("0 problems"))
            try registry.must("$DAVIT registry garbage-collect -q $CONFIG")
            #expect(try registry.must("$DAVIT registry check $CONFIG") == "3 blobs and 1 repositories checked, 0 problems")
            try registry.start()
            try registry.must("skopeo copy -q --src-tls-verify=false docker://$ADDRESS/a/b:v2 oci:back:latest; diff -r image2/blobs back/blobs")
        }

        @Test("an upload goes on after kill -9 where it stopped") func resuming() throws {
            let registry = try RegistryServer()
            try registry.must("head -c 900000 /dev/urandom > whole; head -c 400000 whole > first; tail -c +400001 whole > rest")
            let location = try registry.must("curl -s -i -X POST $URL/v2/a/blobs/uploads/ | tr -d '\\r' | awk '$1 == \"Location:\" { print $2 }'")
            #expect(try registry.must("curl -s -o /dev/null -w '%{http_code}' -X PATCH -T first \(location)") == "202")
            try registry.kill()
            try registry.start()
            #expect(try registry.must("curl -s -i \(location) | tr -d '\\r' | awk '$1 == \"Range:\" { print $2 }'") == "0-399999")
            let digest = try registry.must("sha256sum whole | cut -d' ' -f1")
            #expect(try registry.must("curl -s -o /dev/null -w '%{http_code}' -X PATCH -H 'Content-Range: 0-399999' -T first \(location)") == "416")
            #expect(try registry.must("curl -s -o /dev/null -w '%{http_code}' -X PUT -H 'Content-Range: 400000-899999' -T rest '\(location)?digest=sha256:\(digest)'") == "201")
            try registry.must("curl -sf $URL/v2/a/blobs/sha256:\(digest) | cmp - whole")
        }
    }
}
