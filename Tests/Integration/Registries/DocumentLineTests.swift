import Linux
import Testing

extension Integration {
    /// Lines of the documents as they stand there, but for names and addresses: `docker`, `registry` and `regctl` are this program.
    @Suite struct DocumentLineTests {
        let it: Installation

        init() throws {
            it = try Installation.withImage()
            try it.makeNames()
        }

        @Test("the registry in a container: run, exec, curl, delete, garbage-collect (C23 C24 C25 C26 C27 C28 C29 C30 C31 C32 C33 D20 E171 E181)")
        func registryInContainer() throws {
            _ = try it.mustLines(
                """
                docker run -d --restart=always --name=registry -v $PWD/lib:/var/lib/registry -v $PWD/bin/davit:/bin/registry:ro \\
                    -e REGISTRY_STORAGE_DELETE_ENABLED=true -e REGISTRY_HTTP_ADDR=:5000 -e REGISTRY_STORAGE_FILESYSTEM_ROOTDIRECTORY=/var/lib/registry \\
                    -p 127.0.0.1:5000:5000 -p 127.0.0.1:8080:80 busybox registry serve > id
                timeout 20 sh -c 'until curl -sf http://127.0.0.1:5000/v2/; do :; done'
                """)
            #expect(try it.mustLines("docker exec -i registry registry --version").hasPrefix("registry "))
            let listed = try it.lines("docker container ls").lines
            #expect(listed.first?.split(separator: " ").joined(separator: " ") == "CONTAINER ID IMAGE COMMAND CREATED STATUS PORTS NAMES")
            #expect(listed.last?.contains("127.0.0.1:5000->5000/tcp, 127.0.0.1:8080->80/tcp") == true, "\(listed)")
            let other = try it.mustLines(
                "docker run -d busybox sh -c 'sleep 100; echo something long' > id; docker container ls -l --format '{{.Command}} {{.Names}}'; docker rm -f $(cat id) > log")
            #expect(other.wholeMatch(of: #/"sh -c 'sleep 100; e…" [a-z]+_[a-z]+\n/#) != nil, "\(other)")
            #expect(try it.mustLines("docker tag busybox 127.0.0.1:5000/ywen/image_1; docker push 127.0.0.1:5000/ywen/image_1").hasPrefix("Using default tag: latest\n"))
            let base = "http://127.0.0.1:5000/v2/ywen/image_1"
            let accept = "-H \"Accept: application/vnd.docker.distribution.manifest.v2+json\""
            let head = try it.mustLines("curl -I -sS \(accept) \(base)/manifests/latest | tr -d '\\r'")
            for line in [
                "HTTP/1.1 200 OK", "Content-Type: application/vnd.docker.distribution.manifest.v2+json", "Docker-Content-Digest: sha256:",
                "Docker-Distribution-Api-Version: registry/2.0", "Etag: \"sha256:", "X-Content-Type-Options: nosniff", "Date: ", "Content-Length: ",
            ] {
                #expect(head.split(separator: "\n").contains { $0.hasPrefix(line) }, "\(line) in \(head)")
            }
            let digest = try it.mustLines("curl -I -sS \(accept) \(base)/manifests/latest | awk '$1 == \"Docker-Content-Digest:\" { print $2 }' | tr -d '\\r\\n'")
            #expect(try it.lines("curl -v -sS -X DELETE \"\(base)/manifests/\(digest.dropFirst(7))\"").err.contains("< HTTP/1.1 404 Not Found"))
            #expect(try it.lines("curl -v -sS -X DELETE \"\(base)/manifests/\(digest)\"").err.contains("< HTTP/1.1 202 Accepted"))
            #expect(try !it.mustLines("curl -sS \(base)/tags/list | jq .").contains("latest"))
            #expect(try it.mustLines("curl -sS \(base)/manifests/latest").contains("MANIFEST_UNKNOWN"))
            _ = try it.mustLines("printf 'version: 0.1\\nstorage: {filesystem: {rootdirectory: /var/lib/registry}}\\n' > lib/config.yml")
            let collected = try it.mustLines("docker exec -i registry registry garbage-collect /var/lib/registry/config.yml")
            #expect(collected.contains("eligible for deletion"), "\(collected)")
            _ = try it.mustLines("docker rm -f registry")

            // Without the variable nothing is deleted.
            _ = try it.mustLines(
                """
                docker run -d --name closed -v $PWD/bin/davit:/bin/registry:ro -e REGISTRY_HTTP_ADDR=:5000 -p 127.0.0.1:5000:5000 busybox registry serve > id
                timeout 20 sh -c 'until curl -sf http://127.0.0.1:5000/v2/; do :; done'
                """)
            #expect(try it.mustLines("curl -s -X DELETE \(base)/manifests/\(digest)").contains("UNSUPPORTED"))
            _ = try it.mustLines("docker rm -f closed")
        }

        @Test("names with and without tags run the same image; history; archives by tar and xz (B11 B12 B14 D14 D15 D16 D34 D35 E190 E191 E192 E193 E194)")
        func images() throws {
            let registry = try RegistryPeer(.own, on: it), nginx = "\(registry.host)/nginx"
            _ = try it.mustLines("for t in latest 1.19.5; do docker tag busybox \(nginx):$t; docker push -q \(nginx):$t; docker rmi \(nginx):$t; done")
            #expect(
                try it.mustLines("docker run --rm \(nginx) echo a 2>/dev/null; docker run --rm \(nginx):latest echo b; docker run --rm \(nginx):1.19.5 echo c 2>/dev/null")
                    == "a\nb\nc\n")
            #expect(try it.mustLines("docker images -q '\(nginx)' | sort -u | wc -l") == "1\n")
            let shown = try it.mustLines("docker buildx imagetools inspect \(nginx):1.19.5").split(separator: "\n")
            #expect(
                shown.count == 3 && shown[0] == "Name:      \(nginx):1.19.5" && shown[1].hasPrefix("MediaType: application/vnd.docker.") && shown[2].hasPrefix("Digest:    sha256:")
            )

            _ = try it.mustLines("docker create --name mk busybox true > id; docker commit -m step mk my_image > id; docker rm mk > id")
            let history = try it.mustLines("docker history my_image").split(separator: "\n")
            #expect(history[0].split(separator: " ").joined(separator: " ") == "IMAGE CREATED CREATED BY SIZE COMMENT")
            let ids = try it.mustLines("docker images -q my_image; docker images -q busybox").split(separator: "\n")
            #expect(history.count == 3 && history[1].hasPrefix(ids[0]) && history[1].hasSuffix("step") && history[2].hasPrefix(ids[1]))
            #expect(
                try it.mustLines(
                    "docker save my_image | docker load > id; docker rmi my_image busybox > id; docker pull -q \(nginx) > id; docker image history \(nginx) --no-trunc"
                ).contains("davit image bootstrap busybox "))

            #expect(
                try it.mustLines(
                    """
                    docker tag \(nginx) kong-wp:3.5.0.1; docker images 'kong-wp' --format '{{.Repository}}:{{.Tag}}'
                    docker image save -o kong-wp-3501.tar kong-wp:3.5.0.1; tar -cJvf kong-wp-3501.tar.xz kong-wp-3501.tar; rm kong-wp-3501.tar
                    docker rmi kong-wp:3.5.0.1 > id; tar -xJvf kong-wp-3501.tar.xz; docker image load -i kong-wp-3501.tar
                    """) == "kong-wp:3.5.0.1\nkong-wp-3501.tar\nkong-wp-3501.tar\nLoaded image: kong-wp:3.5.0.1\n")
        }

        @Test("a daemon and a registry fit into a small host (C16)") func memory() throws {
            let registry = try RegistryPeer(.own, on: it)
            let daemon = try it.start(["daemon", "-H", "unix://\(it.directory)/docker.sock"])
            try it.eventually("the daemon listens") { FileSystem.exists("\(it.directory)/docker.sock") }
            let client = "$DAVIT -H unix://\(it.directory)/docker.sock"
            try it.must("tag", "busybox", "\(registry.host)/x")
            #expect(
                try it.shell("for i in 1 2 3 4 5; do \(client) push -q \(registry.host)/x && \(client) pull -q \(registry.host)/x && \(client) run --rm busybox true; done").code
                    == 0)
            let status = String(decoding: try FileSystem.read("/proc/\(daemon.child.pid)/status"), as: UTF8.self)
            let peak = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }?.split(whereSeparator: { !$0.isNumber }).first.flatMap { Int($0) }
            // In kB; built for debugging it takes more.
            #expect(try #require(peak) < 200_000, "\(status)")
            try daemon.signal(15)
            #expect(try daemon.finish(seconds: 20).code == 0)
        }
    }

    @Suite("progress on a terminal")
    struct ProgressTests {
        /// What a terminal shows in the end, of what `Progress` prints.
        private func screen(_ text: String) -> [String] {
            var rows = [""], row = 0, rest = text.replacing("\r\n", with: "\n")[...]
            while let next = rest.first {
                if let match = rest.prefixMatch(of: #/\e\[(\d*)([ABK])/#) {
                    let count = Int(match.1) ?? 1
                    switch match.2 {
                    case "A": row = max(0, row - count)
                    case "B": row = min(rows.count - 1, row + count)
                    default: rows[row] = ""
                    }
                    rest = rest[match.range.upperBound...]
                    continue
                }
                rest.removeFirst()
                if next == "\n" {
                    row += 1
                    if row == rows.count { rows.append("") }
                } else if next != "\r" {
                    rows[row].append(next)
                }
            }
            return rows.filter { !$0.isEmpty }
        }

        @Test("a line for each layer that changes in its place, with a bar where there is room (A05 D32)") func lines() throws {
            let it = try Installation(), registry = try WickedRegistry(it), name = "\(WickedRegistry.host)/trickle"
            let pull = try it.start(onTerminal: ["pull", name], columns: 140)
            let outcome = try pull.finish()
            #expect(outcome.code == 0, "\(outcome)")
            let shown = screen(outcome.out)
            #expect(shown.count == 7 && shown[0] == "Using default tag: latest" && shown[1] == "latest: Pulling from trickle", "\(shown)")
            #expect(shown[2...3].allSatisfy { $0.wholeMatch(of: #/[0-9a-f]{12}: Pull complete/#) != nil }, "\(shown)")
            #expect(shown[5].hasPrefix("Status: Downloaded newer image for ") && shown[6] == "\(name):latest")
            #expect(outcome.out.contains(#/[0-9a-f]{12}: Downloading \[=*> *\] +[0-9.]+[kM]?B\/[0-9.]+[kM]B/#), "\(outcome)")

            let peer = try RegistryPeer(.own, on: it)
            try it.must("tag", name, "\(peer.host)/x:1")
            let push = try it.start(onTerminal: ["push", "\(peer.host)/x:1"]).finish()
            let pushed = screen(push.out)
            #expect(pushed.count == 4 && pushed[1...2].allSatisfy { $0.wholeMatch(of: #/[0-9a-f]{12}: Pushed/#) != nil } && pushed[3].hasPrefix("1: digest: sha256:"), "\(push)")
            #expect(!push.out.contains("[="))
            _ = registry
        }
    }
}
