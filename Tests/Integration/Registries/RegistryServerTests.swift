import Linux
import Testing

extension Integration {
    /// The registry server as its users meet it: curl, skopeo, and the commands that look after it.
    @Suite struct RegistryTests {
        @Test("C20 C21 C22 C25 C28 C29 C30 C31 C32 C33: the document's curl lines, and the garbage collection beside the server") func curlLines() throws {
            let registry = try RegistryServer()
            try registry.must(
                RegistryServer.makeImage + "make_image image 20000; skopeo copy -q --format v2s2 --dest-tls-verify=false oci:image:latest docker://$ADDRESS/ywen/image_1:tag1")
            #expect(try registry.must("curl --silent --request GET $URL/v2/_catalog | jq -c .") == #"{"repositories":["ywen/image_1"]}"#)
            #expect(try registry.must("curl --silent --request GET $URL/v2/ywen/image_1/tags/list | jq -c .") == #"{"name":"ywen/image_1","tags":["tag1"]}"#)
            #expect(try registry.must("curl --silent --request GET $URL/v2/ywen/image_1/manifests/tag1 | jq .schemaVersion") == "2")
            let accept = #"-H "Accept: application/vnd.docker.distribution.manifest.v2+json""#
            let head = try registry.must("curl -I -sS \(accept) $URL/v2/ywen/image_1/manifests/tag1")
            for field in [
                "HTTP/1.1 200 OK", "Content-Length: ", "Content-Type: application/vnd.docker.distribution.manifest.v2+json", "Docker-Content-Digest: sha256:",
                "Docker-Distribution-Api-Version: registry/2.0", "Etag: \"sha256:", "X-Content-Type-Options: nosniff", "Date: ",
            ] { #expect(head.contains(field), "\(field) is missing in \(head)") }
            let digest = try registry.must("curl -I -sS \(accept) $URL/v2/ywen/image_1/manifests/tag1 | awk '$1 == \"Docker-Content-Digest:\" { print $2 }' | tr -d '\\r'")
            #expect(digest.hasPrefix("sha256:") && digest.utf8.count == 71)
            #expect(try registry.must("curl -sS -o /dev/null -w '%{http_code}' -X DELETE $URL/v2/ywen/image_1/manifests/\(digest)") == "202")
            #expect(try registry.must("curl -sS $URL/v2/ywen/image_1/tags/list | jq -c .tags") == "[]")
            #expect(try registry.must("curl -sS $URL/v2/ywen/image_1/manifests/\(digest) | jq -r .errors[0].code") == "MANIFEST_UNKNOWN")
            #expect(try registry.must("$DAVIT registry garbage-collect --dry-run $CONFIG").contains("0 blobs marked, 3 blobs and 0 manifests eligible for deletion"))
            #expect(try registry.must("$DAVIT registry garbage-collect $CONFIG").contains("blob eligible for deletion: \(digest)"))
            #expect(try registry.must("find \(registry.root) -name data | wc -l") == "0")
            #expect(try registry.must("curl -sS $URL/v2/_catalog | jq -c .") == #"{"repositories":[]}"#)
        }

        @Test("C27: registry --version") func version() throws {
            let it = try Installation()
            #expect(
                try it.shell("exec -a registry \(Installation.program) --version").out.hasPrefix("registry ")
                    || it.shell("bash -c 'exec -a registry \(Installation.program) --version'").out.hasPrefix("registry "))
        }

        @Test("skopeo pushes, copies between repositories and pulls; the check finds nothing wrong") func skopeo() throws {
            let registry = try RegistryServer()
            try registry.must(
                RegistryServer.makeImage + """
                    make_image image 3000000
                    skopeo copy -q --dest-tls-verify=false oci:image:latest docker://$ADDRESS/team/app:v1
                    skopeo copy -q --src-tls-verify=false --dest-tls-verify=false docker://$ADDRESS/team/app:v1 docker://$ADDRESS/other/app:v2
                    skopeo copy -q --src-tls-verify=false docker://$ADDRESS/other/app:v2 oci:back:latest
                    cmp image/index.json back/index.json || diff -r image/blobs back/blobs
                    """)
            #expect(try registry.must("skopeo inspect --tls-verify=false docker://$ADDRESS/team/app:v1 | jq -c .RepoTags") == #"["v1"]"#)
            #expect(try registry.must("$DAVIT registry check $CONFIG") == "3 blobs and 2 repositories checked, 0 problems")
            try registry.stop()
            #expect(try registry.must("$DAVIT registry check $CONFIG").hasSuffix("0 problems"))
        }

        @Test("what Docker's registry wrote is served, and the other way round") func distributionsDirectory() throws {
            let registry = try RegistryServer()
            try registry.stop()
            let script = """
                sed 's/127.0.0.1:0/\(registry.address)/' $CONFIG > theirs.yml
                docker-registry serve theirs.yml 2> theirs.log & pid=$!
                trap 'kill $pid' EXIT
                timeout 10 sh -c 'until curl -sf -o /dev/null $0/v2/; do :; done' $URL
                """
            try registry.must(
                RegistryServer.makeImage + "make_image image 10000\n" + script + "\nskopeo copy -q --dest-tls-verify=false oci:image:latest docker://$ADDRESS/a/b:theirs")
            try registry.start()
            try registry.must(
                RegistryServer.makeImage
                    + "skopeo copy -q --src-tls-verify=false docker://$ADDRESS/a/b:theirs oci:one:latest; make_image second 9000; skopeo copy -q --dest-tls-verify=false oci:second:latest docker://$ADDRESS/a/b:ours"
            )
            try registry.stop()
            try registry.must(
                RegistryServer.makeImage + script
                    + "\nskopeo copy -q --src-tls-verify=false docker://$ADDRESS/a/b:ours oci:two:latest; diff -r second/blobs two/blobs; diff -r image/blobs one/blobs")
        }

        @Test("a second server is refused; SIGTERM lets an upload and a download finish") func oneOwner() throws {
            let registry = try RegistryServer()
            let second = try registry.shell("$DAVIT registry serve --address 127.0.0.1:0 $CONFIG")
            #expect(second.code == 1 && second.err.contains("belongs to a running process"), "\(second)")
            // More than the sockets between the two hold, so that the server is still sending when it is told to stop.
            let digest = try registry.must("head -c 40000000 /dev/zero > big; sha256sum big | cut -d' ' -f1")
            try registry.must("curl -sf -o /dev/null -X POST -T - \"$URL/v2/a/blobs/uploads/?digest=sha256:\(digest)\" < big")
            let both = try registry.begin(
                """
                curl -s --limit-rate 12M -o got $URL/v2/a/blobs/sha256:\(digest) & pull=$!
                head -c 300000 /dev/zero | curl -s --limit-rate 100k -o /dev/null -w '%{http_code}%{errormsg} ' -X POST -H 'Transfer-Encoding: chunked' -T - \
                    "$URL/v2/a/blobs/uploads/?digest=sha256:$(head -c 300000 /dev/zero | sha256sum | cut -d' ' -f1)"
                wait $pull && cmp got big && echo same
                """)
            try registry.it.eventually("both are under way") {
                try registry.must("find \(registry.root) -name startedat | wc -l") != "0" && FileSystem.exists("\(registry.it.directory)/got")
            }
            try registry.stop()
            #expect(try both.finish(seconds: 20).out == "201 same\n")
            #expect(try registry.shell("curl -s $URL/v2/").code == 7)
        }

        @Test("passwords: challenged, refused, let in; rules and anonymous pulls") func passwords() throws {
            let registry = try RegistryServer()
            try registry.stop()
            try registry.must(
                """
                htpasswd -Bbc -C 5 users alice secret 2>/dev/null; htpasswd -Bb -C 5 users bob hidden 2>/dev/null
                cat >> $CONFIG <<'END'
                auth: {htpasswd: {realm: "the \\"realm\\"", path: \(registry.it.directory)/users}}
                access: {anonymous: pull, rules: [{repository: "open/*", users: [anonymous, "*"], actions: [pull]}, {repository: "**", users: [alice], actions: [pull, push, delete]}, {repository: "**", users: [bob], actions: [pull]}, {repository: "**", users: [anonymous], actions: []}]}
                END
                """)
            try registry.start()
            let status = "curl -s -o /dev/null -w '%{http_code}'"
            let challenge = try registry.must("curl -s -i $URL/v2/")
            #expect(challenge.contains("401 Unauthorized") && challenge.contains(#"WWW-Authenticate: Basic realm="the \"realm\"""#), "\(challenge)")
            #expect(try registry.must("\(status) -u alice:secret $URL/v2/") == "200")
            #expect(try registry.must("\(status) -u alice:wrong $URL/v2/") == "401")
            #expect(try registry.must("\(status) -u nobody:secret $URL/v2/") == "401")
            #expect(try registry.must("\(status) -u alice:secret -X POST $URL/v2/x/blobs/uploads/") == "202")
            #expect(try registry.must("\(status) -u bob:hidden -X POST $URL/v2/x/blobs/uploads/") == "403")
            #expect(try registry.must("\(status) -X POST $URL/v2/x/blobs/uploads/") == "401")
            #expect(try registry.must("\(status) $URL/v2/x/manifests/t") == "401")
            #expect(try registry.must("\(status) $URL/v2/open/x/manifests/t") == "404")
            try registry.must(
                RegistryServer.makeImage
                    + "make_image image 1000; skopeo copy -q --dest-tls-verify=false --dest-creds alice:secret oci:image:latest docker://$ADDRESS/x:1; skopeo copy -q --src-tls-verify=false --src-creds bob:hidden docker://$ADDRESS/x:1 oci:back:latest"
            )
        }

        @Test("a full disk: the push fails in words, the retry resumes, nothing is corrupt") func fullDisk() throws {
            let outcome = try RunningCommand(
                [
                    "/usr/bin/unshare", "-m", "/bin/sh", "-c",
                    #"""
                    set -e
                    dir=$(mktemp -d /tmp/davit-it-full-XXXXXX); trap 'kill $pid; wait $pid || true; umount $dir/r; rm -rf $dir' EXIT
                    mkdir $dir/r; mount -t tmpfs -o size=4m tmpfs $dir/r
                    $0 registry serve --address 127.0.0.1:0 --directory $dir/r > $dir/out 2> $dir/log & pid=$!
                    timeout 20 sh -c 'until grep -q "listening on" $0/log; do :; done' $dir
                    URL=http://$(sed -n 's/.*listening on \([0-9.:]*\).*/\1/p' $dir/log)
                    head -c 3000000 /dev/urandom > $dir/a; head -c 3000000 /dev/urandom > $dir/b
                    push() { curl -s -o $dir/answer -w '%{http_code}\n' -X POST --data-binary @$1 -H Content-Type:application/octet-stream "$URL/v2/x/blobs/uploads/?digest=sha256:$(sha256sum $1 | cut -d' ' -f1)"; }
                    push $dir/a; push $dir/b; cat $dir/answer
                    curl -s -o /dev/null -w '%{http_code}\n' $URL/v2/x/blobs/sha256:$(sha256sum $dir/b | cut -d' ' -f1)
                    mount -o remount,size=8m $dir/r; push $dir/b
                    $0 registry check --directory $dir/r
                    """#, Installation.program,
                ], environment: ["PATH=/usr/sbin:/usr/bin:/sbin:/bin"], withInput: false
            ).finish(seconds: 60)
            #expect(
                outcome.lines == [
                    "201", "507", #"{"errors":[{"code":"UNAVAILABLE","message":"no space left on the registry's disk"}]}"#, "404", "201",
                    "2 blobs and 1 repositories checked, 0 problems",
                ], "\(outcome)")
        }
    }
}
