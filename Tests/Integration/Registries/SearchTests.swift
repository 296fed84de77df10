import Linux
import Testing

extension Integration {
    /// `search` against a registry of ours, which has a catalog only, and against a server that has the search of old.
    @Suite struct SearchTests {
        @Test("D05 E59: a catalog is searched by name") func catalog() throws {
            let registry = try RegistryServer()
            try registry.must(
                RegistryServer.makeImage + """
                    make_image image 1000
                    for name in team/postgres postgres-tools other; do skopeo copy -q --dest-tls-verify=false oci:image:latest docker://$ADDRESS/$name:v1; done
                    """)
            let address = registry.address
            #expect(
                try registry.must("$DAVIT search $ADDRESS/postgres --format '{{.Name}} {{.StarCount}} {{.IsOfficial}}|'")
                    == "\(address)/postgres-tools 0 |\n\(address)/team/postgres 0 |")
            #expect(try registry.must("$DAVIT search --limit 1 --format '{{.Name}}' $ADDRESS/postgres") == "\(address)/postgres-tools")
            #expect(try registry.must("$DAVIT search -f is-official=true --format '{{.Name}}' $ADDRESS/postgres") == "")
            #expect(try registry.must("$DAVIT search $ADDRESS/nothing") == "NAME      DESCRIPTION   STARS     OFFICIAL")
        }

        @Test("D05 E59 E60: the search of old: official first, then by stars; filters, limits, credentials") func hub() throws {
            let it = try Installation(), port = UInt16.random(in: 20_000..<30_000), address = "127.0.0.1:\(port)"
            try FileSystem.makeDirectories("\(it.directory)/www/v1")
            try FileSystem.makeDirectories("\(it.directory)/.docker")
            let long = "A server of the object-relational kind with a reputation for reliability"
            let hits = """
                {"num_results":3,"query":"x","results":[
                {"name":"me/postgres","description":"mine\\u001b[31m","star_count":3,"is_official":false,"is_automated":true},
                {"name":"them/postgres","description":"","star_count":90,"is_official":false},
                {"name":"postgres","description":"\(long)","star_count":14,"is_official":true}]}
                """
            try FileSystem.replace("\(it.directory)/www/v1/search", with: Array(hits.utf8))
            try FileSystem.replace("\(it.directory)/httpd.conf", with: Array("/v1:me:secret\n".utf8))
            let server = try RunningCommand(
                ["/bin/busybox", "httpd", "-f", "-p", address, "-h", "\(it.directory)/www", "-c", "\(it.directory)/httpd.conf"], environment: [],
                withInput: false, network: it.network)
            defer { try? server.signal(9) }
            try it.eventually("the server listens") { try it.shell("curl -s http://\(address)/").code == 0 }
            let refused = try it.davit("search", "\(address)/postgres")
            #expect(refused.code == 1)
            #expect(refused.err.contains("no basic auth credentials"), "\(refused.err)")

            let auths = #"{"auths":{"\#(address)":{"auth":"bWU6c2VjcmV0"}}}"#
            try FileSystem.replace("\(it.directory)/.docker/config.json", with: Array(auths.utf8))
            #expect(
                try it.must("search", "\(address)/postgres") == """
                    NAME            DESCRIPTION                                     STARS     OFFICIAL
                    postgres        A server of the object-relational kind with …   14        [OK]
                    them/postgres                                                   90        
                    me/postgres     mine [31m                                       3         
                    """)
            #expect(try it.must("search", "--no-trunc", "--format", "{{.Description}}", "-f", "is-official=true", "\(address)/x") == long)
            #expect(try it.must("search", "--format", "{{.Name}}", "-f", "stars=14", "\(address)/x") == "postgres\nthem/postgres")
            #expect(try it.must("search", "--format", "{{.Name}}", "-f", "is-automated=true", "\(address)/x") == "")
            for (arguments, words) in [
                (["--limit", "101"], "limit 101 is outside the range of [1, 100]"), (["-f", "x=y"], "invalid filter 'x'"),
                (["-f", "stars=many"], "invalid filter 'stars=many'"),
            ] {
                let outcome = try it.davit(["search"] + arguments + ["\(address)/x"])
                #expect(outcome.code == 1)
                #expect(outcome.err.contains(words), "\(outcome.err)")
            }
        }
    }
}
