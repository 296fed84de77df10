import Linux
import Testing

extension Integration {
    /// One name for images of several platforms, and archives that other tools read.
    @Suite struct ImagePlatformTests {
        let it: Installation

        init() throws { it = try Installation.withImage() }

        /// An image of busybox's files that says that it is for `platform`.
        private func make(_ name: String, _ platform: String) throws {
            if !FileSystem.exists("\(it.directory)/root.tar") {
                try it.must("create", "--name", "root", "busybox")
                try it.must("export", "-o", "\(it.directory)/root.tar", "root")
                try it.must("rm", "root")
            }
            try it.must("import", "--platform", platform, "-c", "CMD [\"echo\",\"\(platform)\"]", "\(it.directory)/root.tar", name)
        }

        @Test("two platforms pulled one after the other share a name: ls --tree, inspect, save, load, rmi by platform, run warns (E190 E194)")
        func platforms() throws {
            let registry = try RegistryPeer(.own, on: it), name = "\(registry.host)/many:1"
            for (tag, platform) in [("amd", "linux/amd64"), ("arm", "linux/arm64")] {
                try make("\(registry.host)/many:\(tag)", platform)
                try it.must("push", "-q", "\(registry.host)/many:\(tag)")
                try it.must("rmi", "\(registry.host)/many:\(tag)")
            }
            try it.must("buildx", "imagetools", "create", "-t", name, "\(registry.host)/many:amd", "\(registry.host)/many:arm")
            try it.must("pull", "-q", "--platform", "linux/arm64", name)
            let warned = try it.davit("run", "--rm", name)
            #expect(
                warned.err.contains(
                    "WARNING: The requested image's platform (linux/arm64) does not match the detected host platform (linux/amd64) and no specific platform was requested"))
            #expect(warned.out == "linux/arm64\n")
            try it.must("pull", "-q", "--platform", "linux/amd64", name)
            #expect(try it.must("images", "-q", name).split(separator: "\n").count == 1)
            #expect(try it.davit("run", "--rm", name).err.isEmpty)
            #expect(try it.must("run", "--rm", "--platform", "linux/arm64", name) == "linux/arm64")

            try it.must("create", "--name", "user", name)
            let tree = try it.must("image", "ls", "--tree", name).split(separator: "\n").map(String.init)
            #expect(tree.count == 5, "\(tree)")
            #expect(tree[0].hasSuffix("Info →   U  In Use"))
            #expect(tree[1].hasPrefix("IMAGE ") && tree[1].contains("DISK USAGE   CONTENT SIZE   EXTRA"))
            #expect(tree[2].hasPrefix(name))
            #expect(tree[3].hasPrefix("├─ linux/amd64 ") && tree[3].contains("   U"))
            #expect(tree[4].hasPrefix("└─ linux/arm64 ") && !tree[4].contains("   U"))
            try it.must("rm", "user")
            #expect(try it.must("image", "inspect", "--platform", "linux/arm64", "-f", "{{.Architecture}}", name) == "arm64")

            #expect(try it.must("image", "inspect", "-f", "{{len .Manifests}}", name) == "2")
            let file = "\(it.directory)/many.tar"
            try it.must("save", "-o", file, name)
            try it.must("rmi", name)
            #expect(try it.must("images", "-q", name).isEmpty)
            #expect(try it.must("load", "-i", file) == "Loaded image: \(name)")
            try it.must("rmi", "--platform", "linux/amd64", name)
            #expect(try it.must("image", "inspect", "-f", "{{.Architecture}}", name) == "arm64")
            for (platform, want) in [("amd64", "amd64"), ("arm64", "arm64")] {
                let seen = try it.shell("skopeo inspect --override-arch \(platform) oci-archive:\(file) | jq -r .Architecture")
                #expect(seen.out == "\(want)\n", "\(seen)")
            }
            #expect(try it.shell("skopeo inspect docker-archive:\(file) | jq -r .Architecture").out == "amd64\n")
        }

        @Test("attestations come with their image and go with it: pull, ls --tree -a, save, load, push; pull --all-platforms (E190 E194)")
        func attestations() throws {
            let registry = try RegistryPeer(.debian, on: it), name = "\(registry.host)/proven:1"
            for platform in ["amd64", "arm64"] {
                try make("\(registry.host)/proven:\(platform)", "linux/\(platform)")
                try it.must("push", "-q", "\(registry.host)/proven:\(platform)")
                try it.must("rmi", "\(registry.host)/proven:\(platform)")
            }
            // An index as BuildKit makes it: two images, a statement about each.
            let made = try it.shell(
                """
                set -e; cd \(it.directory); base=http://\(registry.host)/v2/proven
                sum() { sha256sum $1 | cut -d" " -f1; }
                blob() { curl -sf -X PUT --data-binary @$1 -H "Content-Type: application/octet-stream" \
                    "$(curl -sf -X POST -D - $base/blobs/uploads/ | sed -n 's/\\r//;s/^Location: //p')&digest=sha256:$(sum $1)"; }
                entry() { echo "{\\"mediaType\\":\\"$1\\",\\"digest\\":\\"sha256:$(sum $2)\\",\\"size\\":$(stat -c %s $2)$3}"; }
                manifest=application/vnd.oci.image.manifest.v1+json docker=application/vnd.docker.distribution.manifest.v2+json list=
                printf '{}' > config; blob config
                for a in amd64 arm64; do
                    curl -sf -H "Accept: $docker" $base/manifests/$a > image.$a
                    echo "{\\"_type\\":\\"https://in-toto.io/Statement/v0.1\\",\\"about\\":\\"$a\\"}" > statement; blob statement
                    echo "{\\"schemaVersion\\":2,\\"mediaType\\":\\"$manifest\\",\\"config\\":$(entry application/vnd.oci.image.config.v1+json config),\\"layers\\":[$(entry application/vnd.in-toto+json statement)]}" > proof.$a
                    curl -sf -X PUT -H "Content-Type: $manifest" --data-binary @proof.$a $base/manifests/sha256:$(sum proof.$a)
                    list="$list,$(entry $docker image.$a ",\\"platform\\":{\\"os\\":\\"linux\\",\\"architecture\\":\\"$a\\"}")"
                    list="$list,$(entry $manifest proof.$a ",\\"platform\\":{\\"os\\":\\"unknown\\",\\"architecture\\":\\"unknown\\"},\\"annotations\\":{\\"vnd.docker.reference.type\\":\\"attestation-manifest\\",\\"vnd.docker.reference.digest\\":\\"sha256:$(sum image.$a)\\"}")"
                done
                type=application/vnd.oci.image.index.v1+json
                echo "{\\"schemaVersion\\":2,\\"mediaType\\":\\"$type\\",\\"manifests\\":[${list#,}]}" > index
                curl -sf -X PUT -H "Content-Type: $type" --data-binary @index $base/manifests/1
                sum index
                """)
            #expect(made.code == 0, "\(made)")
            let digest = "sha256:\(made.lines.last ?? "")", copy = "\(registry.host)/copy:1"
            func here() throws -> String { try it.must("image", "inspect", "-f", "{{range .Manifests}}{{.Kind}} {{.Available}} {{end}}", name) }

            try it.must("pull", "-q", name)
            #expect(try here() == "image true attestation true image false attestation false ")
            let tree = try it.must("image", "ls", "--tree", "-a", name).split(separator: "\n")
            #expect(tree.count == 7 && tree[4].hasPrefix("├─ attestation ") && tree[4].contains("448B"), "\(tree)")
            #expect(try it.must("image", "ls", "--tree", name).split(separator: "\n").count == 5)
            // One of the two images is not here: the other goes alone.
            try it.must("tag", name, copy)
            let alone = try it.must("push", copy), sent = alone.split(separator: "\n").first { $0.hasPrefix("1: digest: ") }?.split(separator: " ")[2] ?? ""
            #expect(
                alone.hasSuffix("\n\n Info -> Not all multiplatform-content is present and only the available single-platform image was pushed\n         \(digest) -> \(sent)"),
                "\(alone)")

            try it.must("pull", "-q", "--all-platforms", name)
            #expect(try here() == "image true attestation true image true attestation true ")
            #expect(try it.must("pull", "--all-platforms", name).contains("Image is up to date"))
            #expect(try it.davit("pull", "--all-platforms", "--platform", "linux/amd64", name).code == 1)
            let file = "\(it.directory)/proven.tar"
            try it.must("save", "-o", file, name)
            try it.must("image", "prune", "-af")
            try it.must("load", "-i", file)
            #expect(try here() == "image true attestation true image true attestation true ")
            try it.must("tag", name, copy)
            #expect(try it.must("push", copy).contains("1: digest: \(digest) size: "))
            try it.must("image", "prune", "-af")
            #expect(try it.must("buildx", "imagetools", "inspect", "--raw", copy) == it.shell("cat \(it.directory)/index").lines[0])
            #expect(try it.shell("skopeo inspect --raw oci-archive:\(file) | jq -c '[.manifests[].size]|length'").out == "4\n")
        }

        @Test("E191 E194: archives are the same each time, in every compression, and podman and skopeo read them") func archives() throws {
            let file = "\(it.directory)/a.tar", id = try it.must("image", "inspect", "-f", "{{.Id}}", "busybox")
            try it.must("save", "-o", file, "busybox")
            let outcome = try it.shell(
                """
                set -e; cd \(it.directory)
                $DAVIT save busybox | cmp - a.tar
                skopeo inspect docker-archive:a.tar | jq -r .Os
                skopeo inspect oci-archive:a.tar | jq -r .Os
                podman --root=$PWD/p --runroot=$PWD/pr --storage-driver=vfs load -q -i a.tar
                podman --root=$PWD/p --runroot=$PWD/pr --storage-driver=vfs rmi -af > podman.log
                for c in gzip xz zstd; do $c -q -k -c a.tar > a.tar.$c; done
                """)
            #expect(outcome.code == 0, "\(outcome)")
            #expect(outcome.lines == ["linux", "linux", "Loaded image: docker.io/library/busybox:latest"] || outcome.out.contains("busybox:latest"), "\(outcome)")
            for compression in ["gzip", "xz", "zstd"] {
                try it.must("rmi", "busybox")
                #expect(try it.must("load", "-i", "\(file).\(compression)").contains("Loaded image: busybox:latest"))
                #expect(try it.must("image", "inspect", "-f", "{{.Id}}", "busybox") == id)
            }
        }

        @Test("image squash: one layer, the same files and configuration") func squash() throws {
            try it.must("run", "--name", "box", "busybox", "sh", "-c", "echo new > /new; rm /bin/vi")
            try it.must("commit", "-c", "ENV A=b", "box", "two")
            try it.must("rm", "box")
            let id = try it.must("image", "squash", "-t", "one", "two")
            #expect(try it.must("image", "inspect", "-f", "{{.Id}} {{len .RootFS.Layers}}", "one") == "\(id) 1")
            #expect(try it.must("run", "--rm", "one", "sh", "-c", "cat /new; ls /bin/vi 2>/dev/null; echo $A") == "new\nb")
            #expect(try it.must("image", "squash", "two") == id)
        }

        @Test("load and pull beside prune and rmi: what comes in is whole or not there") func leases() throws {
            let file = "\(it.directory)/a.tar"
            try it.must("save", "-o", file, "busybox")
            let outcome = try it.shell(
                """
                cd \(it.directory)
                for worker in 1 2; do
                    (for n in 1 2 3 4; do $DAVIT load -q -i a.tar || echo load $?; done) > load.$worker 2>&1 &
                    loaders="$loaders $!"
                    (for n in 1 2 3 4; do $DAVIT image prune -af; $DAVIT rmi -f busybox; done) > prune.$worker 2>&1 &
                    pruners="$pruners $!"
                done
                wait $loaders $pruners
                cat load.*
                $DAVIT load -q -i a.tar && $DAVIT run --rm busybox echo whole
                """)
            #expect(outcome.out.hasSuffix("whole\n") && !outcome.out.contains("load "), "\(outcome)")
        }
    }
}
