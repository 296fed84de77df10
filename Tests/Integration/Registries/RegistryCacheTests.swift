import Linux
import Testing

extension Integration {
    /// The registry server as a cache of another one.
    @Suite struct RegistryCacheTests {
        private static let push = "skopeo copy -q --dest-tls-verify=false"
        private static let pull = "skopeo copy -q --src-tls-verify=false"

        private func cache(of origin: RegistryServer) throws -> RegistryServer {
            try RegistryServer(on: origin.place, settings: "proxy: {remoteurl: \"\(origin.url)\", ttl: 24h}")
        }

        @Test("a cache fetches once, follows tags, and answers while the registry behind it is away") func caching() throws {
            let origin = try RegistryServer(environment: ["REGISTRY_HTTP_DEBUG_ADDR=127.0.0.1:5999", "REGISTRY_HTTP_DEBUG_PROMETHEUS_ENABLED=true"])
            let cache = try cache(of: origin)
            try origin.must(RegistryServer.makeImage + "make_image image 8000000; \(Self.push) oci:image:latest docker://$ADDRESS/team/app:v1")
            let layer = try origin.must("curl -s $URL/v2/team/app/manifests/v1 | jq -r '.layers[0].digest'")

            // Many at the same time, one of them for its end only: the other registry is asked once.
            try cache.must(
                """
                for i in 1 2 3 4 5 6; do curl -sf -o got$i $URL/v2/team/app/blobs/\(layer) & done
                curl -sf -r 7000000- -o part $URL/v2/team/app/blobs/\(layer) & wait
                for i in 1 2 3 4 5 6; do test sha256:$(sha256sum got$i | cut -d' ' -f1) = \(layer); done
                tail -c +7000001 got1 | cmp - part
                """)
            #expect(try cache.must("curl -s http://127.0.0.1:5999/metrics | grep 'handler=\"blob\",method=\"get\"'").hasSuffix(" 1"))
            #expect(try cache.must("curl -sI $URL/v2/team/app/blobs/\(layer) | grep -ci '^content-length: 8'") == "1")
            try cache.must(RegistryServer.makeImage + "\(Self.pull) docker://$ADDRESS/team/app:v1 oci:back:latest; diff -r \(origin.it.directory)/image/blobs back/blobs")
            #expect(try cache.must("curl -s $URL/v2/_catalog | jq -c .repositories") == #"["team/app"]"#)

            // The tag moves there.
            try origin.must(
                RegistryServer.makeImage
                    + "make_image second 3000; \(Self.push) oci:second:latest docker://$ADDRESS/team/app:v1; \(Self.push) oci:second:latest docker://$ADDRESS/team/app:v2")
            let digest = "curl -sI $URL/v2/team/app/manifests/v1 | tr -d '\\r' | awk '$1 == \"Docker-Content-Digest:\" { print $2 }'"
            #expect(try cache.must(digest) == origin.must(digest))
            #expect(try cache.must("curl -s $URL/v2/team/app/tags/list | jq -c .tags") == #"["v1","v2"]"#)
            try cache.must(RegistryServer.makeImage + "\(Self.pull) docker://$ADDRESS/team/app:v1 oci:two:latest; diff -r \(origin.it.directory)/second/blobs two/blobs")

            // Nothing is written through it, and what is nowhere is not there.
            let status = "curl -s -o /dev/null -w '%{http_code}'"
            #expect(try cache.must("\(status) -X POST $URL/v2/team/app/blobs/uploads/") == "405")
            #expect(try cache.must("\(status) -X PUT -d '{}' $URL/v2/team/app/manifests/v1") == "405")
            #expect(try cache.must("\(status) -X DELETE $URL/v2/team/app/manifests/v1") == "405")
            #expect(try cache.must("\(status) $URL/v2/team/app/manifests/none") == "404")
            #expect(try cache.must("\(status) $URL/v2/team/app/blobs/sha256:\(String(repeating: "0", count: 64))") == "404")

            try origin.stop()
            try cache.must(RegistryServer.makeImage + "\(Self.pull) docker://$ADDRESS/team/app:v1 oci:three:latest; diff -r two/blobs three/blobs")
            #expect(try cache.must("\(status) $URL/v2/team/app/manifests/none") == "503")
            try cache.stop()
            #expect(try cache.must("$DAVIT registry check $CONFIG").hasSuffix("0 problems"))
        }

        @Test("a cache signs in to the registry behind it, and forgets after its time") func expiry() throws {
            let origin = try RegistryServer()
            try origin.stop()
            try origin.must("htpasswd -Bbn me secret > htpasswd")
            try origin.start(environment: ["REGISTRY_AUTH_HTPASSWD_REALM=r", "REGISTRY_AUTH_HTPASSWD_PATH=\(origin.it.directory)/htpasswd"])
            try origin.must(RegistryServer.makeImage + "make_image image 1000; \(Self.push) --dest-creds me:secret oci:image:latest docker://$ADDRESS/a:1")
            let cache = try RegistryServer(
                on: origin.place, storage: "  maintenance: {garbagecollect: {lease: 1s}}",
                settings: "proxy: {remoteurl: \"\(origin.url)\", username: me, password: secret, ttl: 1s}")
            try cache.must(RegistryServer.makeImage + "\(Self.pull) docker://$ADDRESS/a:1 oci:back:latest; diff -r \(origin.it.directory)/image/blobs back/blobs")
            try cache.it.eventually("all has gone", seconds: 30) { try cache.shell("find \(cache.root)/docker/registry/v2/blobs -name data").out.isEmpty }
            try cache.must(RegistryServer.makeImage + "\(Self.pull) docker://$ADDRESS/a:1 oci:again:latest")
            let stranger = try RegistryServer(on: origin.place, settings: "proxy: {remoteurl: \"\(origin.url)\"}")
            #expect(try stranger.must("curl -s -o /dev/null -w '%{http_code}' $URL/v2/a/manifests/1") == "403")
        }

        @Test("what is not what its digest says is neither kept nor given out whole") func corrupt() throws {
            let origin = try RegistryServer()
            let cache = try cache(of: origin)
            let digest = try origin.must(
                """
                head -c 3000000 /dev/urandom > blob; h=$(sha256sum blob | cut -d' ' -f1)
                curl -sf -o /dev/null -X POST --data-binary @blob -H Content-Type:application/octet-stream "$URL/v2/a/blobs/uploads/?digest=sha256:$h"
                data=$(find \(origin.root) -path "*$h/data"); head -c 3000000 /dev/urandom > $data; echo sha256:$h
                """)
            for _ in 1...2 { #expect(try cache.shell("curl -sf -o got $URL/v2/a/blobs/\(digest)").code == 18) }
            #expect(try cache.must("find \(cache.root) -name data | wc -l") == "0")
        }
    }
}
