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
            #expect(warned.err.contains(
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
