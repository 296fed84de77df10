import Linux
import Testing

extension Integration {
    @Suite struct VolumeTests {
        let it: Installation

        init() throws { it = try Installation.withImage() }

        /// An image whose /data was changed by three layers: `a` came and went, `b` and `keep` are there.
        private func makeLayers() throws {
            try it.must("run", "--name", "one", "busybox", "sh", "-c", "mkdir -m 1750 /data; cd /data; echo a > a; echo k > keep; chown 7:8 .")
            try it.must("commit", "one", "one")
            try it.must("run", "--name", "two", "one", "sh", "-c", "cd /data; rm a; echo b > b; chown 7:8 .")
            try it.must("commit", "two", "two")
            try it.must("rm", "one", "two")
        }

        @Test("what the configuration filters goes with every prune, unless the opposite is given") func pruneFilters() throws {
            for label in ["keep", "foo", "foobar"] { try it.must("volume", "create", "--label", label, label) }
            try FileSystem.makeDirectories("\(it.directory)/c")
            try FileSystem.replace("\(it.directory)/c/config.json", with: Array(#"{"pruneFilters":["label=foobar"]}"#.utf8))
            try it.must("--config", "\(it.directory)/c", "volume", "prune", "-af")
            #expect(try it.must("volume", "ls", "-q") == "foo\nkeep")
            try it.must("volume", "create", "--label", "foobar", "foobar")
            try it.must("--config", "\(it.directory)/c", "volume", "prune", "-af", "--filter", "label!=foobar")
            #expect(try it.must("volume", "ls", "-q") == "foobar")
        }

        @Test("E92: an empty volume is filled once, with what all layers together show") func filled() throws {
            try makeLayers()
            try it.must("create", "--name", "box", "-v", "vol:/data", "two", "sh", "-c", "ls /data; stat -c '%u:%g:%a' /data")
            #expect(try it.must("start", "-a", "box") == "b\nkeep\n7:8:1750")
            // Emptied on purpose it stays so for this container; the next one fills it again.
            try it.must("run", "--rm", "-v", "vol:/x", "busybox", "sh", "-c", "rm /x/*")
            #expect(try it.must("start", "-a", "box") == "7:8:1750")
            #expect(try it.must("run", "--rm", "-v", "vol:/data:nocopy", "two", "ls", "/data") == "")
            #expect(try it.must("run", "--rm", "-v", "vol:/data", "two", "ls", "/data") == "b\nkeep")
            try it.must("rm", "box")
            try it.must("volume", "rm", "vol")
            try it.expectNothingLeft()
        }

        @Test("volumes of a file system of their own are mounted where they are used, and nowhere else") func devices() throws {
            try makeLayers()
            try it.must("volume", "create", "-o", "type=tmpfs", "-o", "device=tmpfs", "-o", "o=size=1m,uid=1000,mode=700", "mem")
            #expect(
                try it.must("run", "--rm", "-v", "mem:/mem", "busybox", "sh", "-c", "stat -c %u:%a /mem; grep ' /mem ' /proc/mounts").contains("1000:700\ntmpfs /mem tmpfs rw,"))
            let full = try it.davit("run", "--rm", "-v", "mem:/mem", "busybox", "sh", "-c", "head -c 2000000 /dev/zero > /mem/x")
            #expect(full.code == 1, "\(full)")
            let readOnly = try it.davit("run", "--rm", "-v", "mem:/mem:ro", "busybox", "touch", "/mem/x")
            #expect(readOnly.code == 1 && readOnly.err.contains("Read-only file system"), "\(readOnly)")
            #expect(try it.must("run", "--rm", "-v", "mem:/data", "two", "ls", "/data") == "b\nkeep")

            let place = "\(it.directory)/place"
            try FileSystem.makeDirectories(place)
            try it.must("volume", "create", "-o", "type=none", "-o", "device=\(place)", "-o", "o=bind", "elsewhere")
            try it.must("run", "--rm", "-v", "elsewhere:/data", "two", "sh", "-c", "echo mine > /data/mine")
            #expect(try FileDescriptor.open(place, [.directory]).entries().sorted() == ["b", "keep", "mine"])

            try it.must("volume", "create", "-o", "type=none", "-o", "device=\(place)/nowhere", "-o", "o=bind", "missing")
            let missing = try it.davit("run", "--rm", "-v", "missing:/data", "two", "true")
            #expect(missing.code != 0 && missing.err.contains("no such file or directory"), "\(missing)")
            let mounts = String(decoding: try FileSystem.read("/proc/self/mounts"), as: UTF8.self)
            #expect(!mounts.contains(it.directory))
            try it.expectNothingLeft()
        }

        @Test("--mount makes volumes as it says, and mounts images") func mounts() throws {
            let place = "\(it.directory)/place"
            try FileSystem.makeDirectories(place)
            let mount = "type=volume,src=own,dst=/v,volume-label=a=b,volume-opt=type=none,volume-opt=o=bind,volume-opt=device=\(place)"
            try it.must("run", "--name", "box", "--mount", mount, "busybox", "touch", "/v/here")
            #expect(FileSystem.exists("\(place)/here"))
            #expect(try it.must("volume", "inspect", "-f", "{{.Labels.a}} {{.Options.device}}", "own") == "b \(place)")
            #expect(try it.must("inspect", "-f", "{{range .Mounts}}{{.Type}} {{.Name}} {{.Driver}} {{.Mode}}{{end}}", "box") == "volume own local z")
            let unknown = try it.davit("run", "--mount", "type=volume,dst=/v,volume-driver=nope", "busybox", "true")
            #expect(unknown.code == 125 && unknown.err.contains(#"error looking up volume plugin nope: plugin "nope" not found"#), "\(unknown)")
            try it.must("rm", "box")

            try makeLayers()
            let image = "type=image,src=two,dst=/i"
            let whole = try it.davit("run", "--rm", "--mount", image, "busybox", "sh", "-c", "ls /i/data; touch /i/x")
            #expect(whole.out == "b\nkeep\n" && whole.err.contains("Read-only file system"), "\(whole)")
            #expect(try it.must("run", "--rm", "--mount", "\(image),image-subpath=data/b", "busybox", "cat", "/i") == "b")
            #expect(try it.must("run", "--rm", "--mount", "\(image),image-subpath=data", "busybox", "ls", "/i") == "b\nkeep")
            try it.must("create", "--name", "user", "--mount", image, "busybox")
            #expect(try it.davit("rmi", "two").code == 1)
            try it.must("rm", "user")
            try it.must("volume", "rm", "own")
            try it.expectNothingLeft()
        }

        @Test("a read-only bind is read-only below too, unless asked otherwise") func below() throws {
            func written(_ options: String) throws -> Bool {
                try it.davit("run", "--rm", "--mount", "type=bind,src=/dev,dst=/d,ro\(options)", "busybox", "sh", "-c", "touch /d/shm/davit-test && rm /d/shm/davit-test").code == 0
            }
            #expect(try !written("") && !written(",bind-recursive=readonly,bind-propagation=rprivate") && written(",bind-recursive=writable"))
        }

        @Test("a volume in memory is one for all who have it at a time; cp finds volumes of all kinds without a container that runs") func shared() throws {
            try it.must("volume", "create", "-o", "type=tmpfs", "-o", "device=tmpfs", "mem")
            try it.must("run", "-d", "--name", "one", "-v", "mem:/a:ro", "busybox", "sleep", "1000")
            try it.must("run", "-d", "--name", "two", "-v", "mem:/b", "busybox", "sleep", "1000")
            try it.must("exec", "two", "touch", "/b/x")
            #expect(try it.must("exec", "one", "ls", "/a") == "x")
            #expect(try it.davit("exec", "one", "rm", "/a/x").err.contains("Read-only file system"))
            try it.must("rm", "-f", "one")
            #expect(try it.must("run", "--rm", "-v", "mem:/c", "busybox", "ls", "/c") == "x")
            try it.must("rm", "-f", "two")
            #expect(try it.must("run", "--rm", "-v", "mem:/c", "busybox", "ls", "/c") == "")

            let place = "\(it.directory)/place"
            try FileSystem.makeDirectories(place)
            try it.must("volume", "create", "-o", "type=none", "-o", "o=bind", "-o", "device=\(place)", "bound")
            try it.must("run", "--rm", "-v", "vol:/v", "busybox", "mkdir", "/v/in")
            try it.must("create", "--name", "box", "-w", "/made/dir", "-v", "bound:/b", "--mount", "type=volume,src=vol,dst=/part,volume-subpath=in", "busybox")
            let file = "\(it.directory)/file"
            try FileSystem.replace(file, with: Array("text".utf8))
            for target in ["/b/f", "/part/f", "/made/dir/f"] { try it.must("cp", file, "box:\(target)") }
            #expect(FileSystem.exists("\(place)/f"))
            #expect(try it.must("run", "--rm", "-v", "vol:/v", "busybox", "cat", "/v/in/f") == "text")
            try it.must("rm", "box")
            try it.must("volume", "rm", "mem", "bound", "vol")
            try it.expectNothingLeft()
        }

        @Test("nothing stands in for /proc") func proc() throws {
            for mount in ["/tmp:/proc", "/tmp:/proc/sys", "/tmp:/proc/self", "some:/proc/acpi"] {
                let outcome = try it.davit("run", "--rm", "-v", mount, "busybox", "true")
                #expect(outcome.code == 125 && outcome.err.contains("cannot be mounted because it is"), "\(outcome)")
            }
            try it.must("run", "--rm", "-v", "/proc:/proc", "-v", "/dev/null:/proc/uptime", "busybox", "true")
            // Through a link too.
            try it.must("run", "--name", "link", "busybox", "ln", "-s", "/proc", "/p")
            try it.must("commit", "link", "linked")
            #expect(try it.davit("run", "--rm", "-v", "/tmp:/p/sys", "linked", "true").err.contains("inside /proc"))
            try it.must("rm", "link")
        }

        @Test("a part of a volume is a part of it, whatever its writers put there") func parts() throws {
            try it.must(
                "run", "--rm", "-v", "vol:/vol", "busybox", "sh", "-c", "mkdir -p /vol/in/deep; echo x > /vol/in/deep/x; ln -s /etc /vol/out; ln -s ../../../../../etc /vol/up")
            let mount = "type=volume,src=vol,dst=/part,volume-subpath="
            #expect(try it.must("run", "--rm", "--mount", mount + "in/deep", "busybox", "cat", "/part/x") == "x")
            for path in ["out", "up", "in/../../.."] {
                let outcome = try it.davit("run", "--rm", "--mount", mount + path, "busybox", "ls", "/part")
                #expect(outcome.code == 125 && !outcome.out.contains("passwd"), "\(outcome)")
            }
            try it.must("volume", "rm", "vol")
            try it.expectNothingLeft()
        }
    }
}
