import Linux
import Testing

extension Integration {
    /// Who is let in to the registry server: TLS, certificates of clients, tokens.
    @Suite struct RegistryAccessTests {
        @Test("TLS with a private authority and certificates of clients: curl, skopeo, podman, davit") func certificates() throws {
            let registry = try RegistryServer()
            try registry.stop()
            try registry.must(RegistryAuthorities.certificates)
            let directory = registry.it.directory
            try registry.start(environment: [
                "REGISTRY_HTTP_TLS_CERTIFICATE=\(directory)/server.crt", "REGISTRY_HTTP_TLS_KEY=\(directory)/server.key",
                "REGISTRY_HTTP_TLS_CLIENTCAS_0=\(directory)/certs/ca.crt",
            ])
            #expect(try registry.must("curl -s --cacert certs/ca.crt --cert certs/client.cert --key certs/client.key https://$ADDRESS/v2/") == "{}")
            #expect(try registry.shell("curl -s https://$ADDRESS/v2/").code == 60)
            #expect(try registry.shell("curl -sf --cacert certs/ca.crt https://$ADDRESS/v2/").code != 0)
            #expect(try registry.shell("curl -sf $URL/v2/").code != 0)
            // Certificates that are checked where there are any.
            try registry.stop()
            let files = ["CERTIFICATE=\(directory)/server.crt", "KEY=\(directory)/server.key", "CLIENTCAS_0=\(directory)/certs/ca.crt"]
            try registry.start(environment: (files + ["CLIENTAUTH=verify-client-cert-if-given"]).map { "REGISTRY_HTTP_TLS_\($0)" })
            try registry.must("mkdir stranger; openssl req -x509 -newkey rsa:2048 -nodes -keyout stranger/key -subj /CN=stranger -days 2 -out stranger/crt 2>/dev/null")
            #expect(try registry.must("curl -s --cacert certs/ca.crt https://$ADDRESS/v2/") == "{}")
            #expect(try registry.must("curl -s --cacert certs/ca.crt --cert certs/client.cert --key certs/client.key https://$ADDRESS/v2/") == "{}")
            #expect(try registry.shell("curl -sf --cacert certs/ca.crt --cert stranger/crt --key stranger/key https://$ADDRESS/v2/").code != 0)
            try registry.stop()
            try registry.start(environment: files.map { "REGISTRY_HTTP_TLS_\($0)" })
            try registry.must(
                RegistryServer.makeImage + #"""
                    make_image image 100000
                    skopeo copy -q --dest-cert-dir certs oci:image:latest docker://$ADDRESS/a/b:1
                    skopeo copy -q --src-cert-dir certs docker://$ADDRESS/a/b:1 oci:back:latest; diff -r image/blobs back/blobs
                    """#)
            // Where containers may not be started, podman still pushes and pulls.
            try registry.must(
                #"""
                printf '[containers]\ndefault_ulimits=[]\npids_limit=0\n' > containers.conf; export CONTAINERS_CONF=$PWD/containers.conf
                echo '{"default":[{"type":"insecureAcceptAnything"}]}' > policy.json
                podman() { command podman --root $PWD/pr --runroot $PWD/prr --tmpdir $PWD/pt --storage-driver vfs "$@"; }
                podman pull -q --signature-policy policy.json --cert-dir certs docker://$ADDRESS/a/b:1
                podman push -q --signature-policy policy.json --cert-dir certs $ADDRESS/a/b:1 docker://$ADDRESS/c/d:2
                podman rmi -af; rm -rf pr prr pt
                mkdir -p etc/certs.d; cp -r certs etc/certs.d/$ADDRESS
                test $(curl -s --cacert certs/ca.crt --cert certs/client.cert --key certs/client.key https://$ADDRESS/v2/c/d/tags/list | jq -r .tags[0]) = 2
                DAVIT_CONFIG_DIR=$PWD/etc $DAVIT pull -q $ADDRESS/a/b:1
                """#)
        }

        @Test("tokens: signed by whom we trust, for us, valid now; and what they are for") func tokens() throws {
            let registry = try RegistryServer()
            try registry.stop()
            try FileSystem.replace("\(registry.it.directory)/token.py", with: Array(RegistryAuthorities.tokenServer.utf8))
            try registry.must(RegistryAuthorities.keys)
            try registry.start(environment: [
                "REGISTRY_AUTH_TOKEN_REALM=http://127.0.0.1:5001/token", "REGISTRY_AUTH_TOKEN_SERVICE=service", "REGISTRY_AUTH_TOKEN_ISSUER=issuer",
                "REGISTRY_AUTH_TOKEN_ROOTCERTBUNDLE=\(registry.it.directory)/token.crt",
            ])
            let server = try registry.begin("exec python3 token.py serve")
            try registry.must("timeout 20 sh -c 'until curl -s -o /dev/null http://127.0.0.1:5001/; do :; done'")
            #expect(
                try registry.must("curl -si $URL/v2/x/manifests/1 | tr -d '\\r'").contains(
                    #"WWW-Authenticate: Bearer realm="http://127.0.0.1:5001/token",service="service",scope="repository:x:pull""#))
            try registry.must(
                RegistryServer.makeImage + """
                    make_image image 1000
                    for name in x open/x; do skopeo copy -q --dest-tls-verify=false --dest-creds alice:secret oci:image:latest docker://$ADDRESS/$name:1; done
                    pull() { skopeo copy -q --src-tls-verify=false "$@" oci:back:latest 2>/dev/null; }
                    pull docker://$ADDRESS/open/x:1; pull --src-creds alice:secret docker://$ADDRESS/x:1
                    ! pull docker://$ADDRESS/x:1; ! pull --src-creds alice:wrong docker://$ADDRESS/open/x:1
                    """)
            for (claims, status) in [
                ("{}", "200"), (#"{"aud": ["a", "service"]}"#, "200"), (#"{"exp": 1000}"#, "401"), (#"{"nbf": 9999999999}"#, "401"), (#"{"aud": "other"}"#, "401"),
                (#"{"iss": "other"}"#, "401"), (#"{"key": "other.key"}"#, "401"), (#"{"algorithm": "none"}"#, "401"), (#"{"algorithm": "HS256"}"#, "401"),
            ] {
                #expect(
                    try registry.must("curl -s -o /dev/null -w '%{http_code}' -H \"Authorization: Bearer $(python3 token.py make '\(claims)')\" $URL/v2/") == status,
                    "\(claims)")
            }
            try server.signal(15)
            _ = try server.finish()

            // The same keys as a set, without certificates.
            try registry.stop()
            try registry.start(environment: [
                "REGISTRY_AUTH_TOKEN_REALM=http://127.0.0.1:5001/token", "REGISTRY_AUTH_TOKEN_SERVICE=service", "REGISTRY_AUTH_TOKEN_ISSUER=issuer",
                "REGISTRY_AUTH_TOKEN_JWKS=\(registry.it.directory)/keys.json",
            ])
            for (claims, status) in [("{}", "200"), (#"{"key": "other.key"}"#, "401"), (#"{"algorithm": "none"}"#, "401"), (#"{"algorithm": "ES256"}"#, "401")] {
                #expect(
                    try registry.must("curl -s -o /dev/null -w '%{http_code}' -H \"Authorization: Bearer $(python3 token.py make '\(claims)')\" $URL/v2/") == status,
                    "\(claims)")
            }
        }
    }
}
