import Linux
import Testing

extension Integration {
    @Suite struct CopyTests {
        let it: Installation

        init() throws { it = try Installation.withImage() }

        private func make(_ path: String, _ text: String) throws {
            try FileSystem.makeDirectories(String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)]))
            try FileSystem.replace(path, with: Array(text.utf8))
        }

        private func text(_ path: String) throws -> String { String(decoding: try FileSystem.read(path), as: UTF8.self) }

        @Test("D52: files and directories, both ways, running or not", arguments: [true, false]) func bothWays(_ runs: Bool) throws {
            try it.must(
                "run", "-d", "--name", "web", "-v", "vol:/vol", "busybox", "sh", "-c", "mkdir /old; echo o > /old/o; ln -s /old/o /link; ln -s nowhere /dangling; sleep 1000")
            try it.eventually("ready") { try it.davit("exec", "web", "test", "-L", "/dangling").code == 0 }
            if !runs { try it.must("kill", "web") }
            let here = "\(it.directory)/here"
            try make("\(here)/dir/sub/file", "hello")

            // A file into a directory, under another name, over a file.
            try it.must("cp", "\(here)/dir/sub/file", "web:/old")
            try it.must("cp", "\(here)/dir/sub/file", "web:/old/other")
            try it.must("cp", "\(here)/dir/sub/file", "web:/old/o")
            for name in ["file", "other", "o"] {
                try it.must("cp", "web:/old/\(name)", "\(here)/got")
                #expect(try text("\(here)/got") == "hello", "\(name)")
            }
            // A directory into one that is there, as one that is not, and its content.
            try it.must("cp", "\(here)/dir", "web:/old")
            try it.must("cp", "\(here)/dir", "web:/new")
            try it.must("cp", "\(here)/dir/.", "web:/vol")
            try it.must("cp", "web:/old/dir", here + "/out")
            #expect(try text("\(here)/out/sub/file") == "hello")
            try it.must("cp", "web:/new", here)
            #expect(try text("\(here)/new/sub/file") == "hello")
            try it.must("cp", "web:/vol/.", here + "/out")
            #expect(try text("\(here)/out/sub/file") == "hello")
            // Links as links, and followed.
            try it.must("cp", "web:/link", "\(here)/link")
            #expect(try FileDescriptor.currentDirectory().readLink("\(here)/link") == "/old/o")
            try it.must("cp", "-L", "web:/link", "\(here)/followed")
            #expect(try text("\(here)/followed") == "hello")
            try it.must("cp", "web:/dangling", "\(here)/dangling")
            // As streams.
            let listed = try it.shell("$DAVIT cp web:/new - | tar -t")
            #expect(listed.lines == ["new/", "new/sub/", "new/sub/file"], "\(listed)")
            let sent = try it.shell("cd \(here) && tar -cz dir | $DAVIT cp - web:/vol && $DAVIT cp web:/vol/dir/sub/file - | tar -xO")
            #expect(sent.out == "hello", "\(sent)")
            // The rules.
            #expect(try it.davit("cp", "web:/nothing", here).err.contains("Could not find the file /nothing in container web"))
            #expect(try it.davit("cp", "\(here)/dir", "web:/old/o").err.contains("cannot copy directory"))
            #expect(try it.davit("cp", "\(here)/got", "web:/missing/").err.contains("no such directory"))
            #expect(try it.davit("cp", "\(here)/nothing", "web:/").err.contains("no such file or directory"))
            #expect(try it.davit("cp", "web:/a", "web:/b").err.contains("copying between containers is not supported"))
            #expect(try it.davit("cp", here, here).err.contains("must specify at least one container source"))
            #expect(try it.davit("cp", "none:/x", here).err.contains("No such container: none"))
            try it.must("rm", "-f", "web")
            try it.must("volume", "rm", "vol")
            try it.expectNothingLeft()
        }

        @Test("cp never leaves the container, whatever its links say, and respects what is read-only") func confined() throws {
            let secret = "\(it.directory)/secret"
            try make(secret, "secret")
            try it.must(
                "run", "-d", "--name", "web", "--read-only", "--tmpfs", "/run", "-v", "vol:/vol", "-v", "vol:/fixed:ro", "busybox", "sh", "-c",
                "ln -s / /vol/top; ln -s ../../../../../../.. /vol/up; ln -s \(secret) /vol/out; sleep 1000")
            try it.eventually("ready") { try it.davit("exec", "web", "test", "-L", "/vol/out").code == 0 }
            let got = "\(it.directory)/got"
            #expect(try it.davit("cp", "web:/vol/up\(secret)", got).code == 1 && it.davit("cp", "-L", "web:/vol/out", got).code == 1)
            #expect(!FileSystem.exists(got))
            try it.must("cp", secret, "web:/vol/top/vol/in")
            #expect(try it.must("exec", "web", "cat", "/vol/in") == "secret")
            let odd = try it.davit("cp", secret, "web:/vol/out")
            #expect(odd.code == 1 && !odd.err.isEmpty, "\(odd)")
            #expect(try text(secret) == "secret")
            #expect(try it.davit("cp", secret, "web:/x").err.contains("container rootfs is marked read-only"))
            #expect(try it.davit("cp", secret, "web:/fixed/x").err.contains("mounted volume is marked read-only"))
            try it.must("cp", secret, "web:/run/x")
            #expect(try it.must("exec", "web", "cat", "/run/x") == "secret")
            try it.must("kill", "web")
            #expect(try it.davit("cp", secret, "web:/x").err.contains("container rootfs is marked read-only"))
            #expect(try it.davit("cp", secret, "web:/fixed/x").err.contains("mounted volume is marked read-only"))
            #expect(try it.davit("cp", "-L", "web:/vol/out", got).code == 1)
            try it.must("rm", "web")
            try it.must("volume", "rm", "vol")
            try it.expectNothingLeft()
        }
    }
}
