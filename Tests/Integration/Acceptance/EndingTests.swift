import Linux
import Testing

extension Integration {
    /// Everything away, and what the kernel ends by itself.
    @Suite struct EndingTests {
        let it: Installation

        init() throws {
            it = try Installation.withImage()
            try it.makeNames()
        }

        @Test("D90: of many the ones that run are killed, each other one is told") func kill() throws {
            try it.mustLines("for n in one two; do docker run -d --name $n busybox sleep 100; done; docker run --name ended busybox true")
            let ended = try it.mustLines("docker inspect -f '{{.Id}}' ended").dropLast()
            let killed = try it.lines("docker kill $(docker ps -a -q)")
            #expect(killed.code == 1 && killed.lines.count == 2, "\(killed)")
            #expect(killed.err == "Error response from daemon: cannot kill container: \(ended.prefix(12)): container \(ended) is not running\n")
            #expect(try it.mustLines("docker ps -a --format '{{.State}}' | sort | uniq -c | tr -s ' '") == " 3 exited\n")
            try it.mustLines("docker rm $(docker ps -a -q)")
            try it.expectNothingLeft()
        }

        @Test("A03 D19 D24 D91: many names of one image; all images at once, though ids come twice and steps depend on each other") func images() throws {
            try it.mustLines(
                """
                printf 'FROM busybox\\nRUN touch /a\\nENV x=1\\n' > Dockerfile
                DOCKER_BUILDKIT=0 docker build -q -t python:3-slim .; docker tag python:3-slim python:3.7; docker build -q -t other .
                docker run --name user python:3.7 true
                """)
            let listed = try it.mustLines("docker image ls").split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
            #expect(listed[0].joined(separator: " ") == "REPOSITORY TAG IMAGE ID CREATED SIZE")
            let names = listed.filter { $0[0] == "python" }
            #expect(names.map { $0[1] } == ["3-slim", "3.7"] && names[0][2] == names[1][2], "\(listed)")
            try it.mustLines("docker run -d --name running busybox sleep 100")
            let held = try it.lines("docker rmi -f $(docker images -a -q)")
            #expect(held.code == 1 && held.err.contains("(cannot be forced) - image is being used by running container"), "\(held)")
            try it.mustLines("docker rm -f running")
            let gone = try it.lines("docker rmi -f $(docker images -a -q)")
            #expect(gone.out.contains("Untagged: busybox:latest\n"), "\(gone)")
            #expect(try it.mustLines("docker images -a -q").isEmpty)
            // Who was made of one goes on, and shows which it was.
            let user = try it.mustLines("docker start user; docker ps -a --format '{{.Image}}'")
            #expect(user == "user\n\(names[0][2])\n", "\(user)")
        }

        @Test("D88: whoever needs more memory than he may have is killed, and the container tells") func memory() throws {
            let hog = "dd if=/dev/zero of=/dev/null bs=200M count=1"
            #expect(try it.lines("docker run --name oom --memory 20m --memory-swap 20m busybox \(hog)").code == 137)
            #expect(try it.mustLines("docker inspect -f '{{.State.OOMKilled}} {{.State.ExitCode}}' oom") == "true 137\n")
            // So it is when only a child was, and the first process goes on.
            #expect(try it.lines("docker run --name child --memory 20m --memory-swap 20m busybox sh -c '\(hog); echo $?'").out == "137\n")
            #expect(try it.mustLines("docker inspect -f '{{.State.OOMKilled}} {{.State.ExitCode}}' child") == "true 0\n")
        }
    }
}
