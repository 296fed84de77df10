@testable import Dockerfile
import Testing

@Suite struct DockerfileTests {
    private func read(_ text: String) throws(DockerfileError) -> Dockerfile { try Dockerfile(Array(text.utf8)) }

    private func failure(_ text: String) -> String {
        do throws(DockerfileError) {
            _ = try read(text)
            return ""
        } catch { return error.description }
    }

    @Test("stages, arguments, comments and continuation") func layout() throws {
        let file = try read(
            """
            # syntax=docker/dockerfile:1
            # escape=\\

            ARG TAG=1
            # The first one.
            FROM --platform=linux/arm64 busybox:$TAG AS Build
              run echo a \\
            # in between

                && echo b # not a comment
            COPY --from=0 --chown=1:2 --link ["a b", "c/"]
            FROM scratch
            """)
        #expect(file.directives.syntax == "docker/dockerfile:1")
        #expect(file.arguments.map(\.action) == [.argument([Argument(name: "TAG", value: "1")])])
        #expect(file.stages.map(\.base) == ["busybox:$TAG", "scratch"])
        #expect(file.stages[0].name == "build" && file.stages[0].platform == "linux/arm64" && file.stages[0].comment == "The first one.")
        #expect(file.stage("BUILD") == 0 && file.stage("1") == 1 && file.stage("2") == nil)
        let run = file.stages[0].instructions[0]
        #expect(run.source == "run echo a     && echo b # not a comment" && run.line == 7 && run.lastLine == 10)
        guard case .copy(let copy) = file.stages[0].instructions[1].action else { return #expect(Bool(false)) }
        #expect(copy.sources == ["a b"] && copy.destination == "c/" && copy.from == "0" && copy.owner == "1:2" && copy.isLinked)
    }

    @Test("escape directive") func escape() throws {
        let file = try read("# escape=`\nFROM x\nRUN a `\n  b \\\n")
        #expect(file.stages[0].instructions.map(\.source) == ["RUN a   b \\"])
    }

    @Test("here-documents") func heredocs() throws {
        let file = try read(
            "FROM x\nRUN <<EOF\na\n  $b\nEOF\nCOPY <<-'one' <<two /dir/\n\t\tx $y\n\tone\nz\ntwo\nRUN cat <<A | tr a b && echo \"<<no\"\nq\nA\nONBUILD RUN <<E\nr\nE\n")
        let actions = file.stages[0].instructions.map(\.action)
        guard case .run(let first) = actions[0], case .copy(let copy) = actions[1], case .run(let last) = actions[2], case .onBuild(let trigger) = actions[3] else {
            return #expect(Bool(false))
        }
        #expect(first.heredocs.map(\.text) == ["a\n  $b\n"] && first.command == CommandLine(words: ["<<EOF"], isShell: true))
        #expect(copy.sources.isEmpty && copy.heredocs.map(\.name) == ["one", "two"] && copy.heredocs.map(\.expands) == [false, true])
        #expect(copy.heredocs.map(\.text) == ["x $y\n", "z\n"] && copy.destination == "/dir/")
        #expect(last.heredocs.map(\.name) == ["A"])
        #expect(trigger == "RUN <<E\nr\nE")
        #expect(failure("FROM x\nRUN <<EOF\na\n") == "dockerfile parse error on line 2: unterminated heredoc")
    }

    @Test("mounts of RUN") func mounts() throws {
        let file = try read(
            "FROM x\nRUN --mount=type=cache,target=/c,sharing=locked,uid=5,mode=0700 --mount=type=secret,id=k,env=K,required --mount=from=y,source=/s,target=/t,rw --network=none true\n"
        )
        guard case .run(let run) = file.stages[0].instructions[0].action else { return #expect(Bool(false)) }
        #expect(run.network == "none" && run.mounts.map(\.kind) == [.cache, .secret, .bind])
        #expect(run.mounts[0].sharing == .locked && run.mounts[0].user == 5 && run.mounts[0].mode == 0o700 && !run.mounts[0].isReadOnly)
        #expect(run.mounts[1].variable == "K" && run.mounts[1].isRequired)
        #expect(run.mounts[2].from == "y" && run.mounts[2].source == "/s" && !run.mounts[2].isReadOnly)
    }

    @Test(
        "what cannot be read is told with its line, in BuildKit's words",
        arguments: [
            ("", "file with no instructions"), ("ARG x\n", "dockerfile contains no stages to build"),
            ("RUN x\nFROM y\n", "dockerfile parse error on line 1: no build stage in current context"),
            ("FROM x\n\nFOO bar\n", "dockerfile parse error on line 3: unknown instruction: FOO (did you mean FROM?)"),
            ("FROM x y\n", "dockerfile parse error on line 1: FROM requires either one or three arguments"),
            ("FROM x AS 1y\n", "dockerfile parse error on line 1: invalid name for build stage: \"1y\", name can't start with a number or contain symbols"),
            ("FROM x\nCOPY a\n", "dockerfile parse error on line 2: COPY requires at least two arguments, but only one was provided. Destination could not be determined"),
            ("FROM x\nCOPY --nope a b\n", "dockerfile parse error on line 2: unknown flag: --nope"),
            ("FROM x\nCOPY --link=maybe a b\n", "dockerfile parse error on line 2: expecting boolean value for flag --link, not: maybe"),
            ("FROM x\nENV\n", "dockerfile parse error on line 2: ENV requires at least one argument"),
            ("FROM x\nENV a=b c\n", "dockerfile parse error on line 2: Syntax error - can't find = in \"c\". Must be of the form: name=value"),
            ("FROM x\nCMD [1]\n", "dockerfile parse error on line 2: When using JSON array syntax, arrays must be comprised of strings only."),
            ("FROM x\nSHELL bash\n", "dockerfile parse error on line 2: SHELL requires the arguments to be in JSON form"),
            ("FROM x\nRUN --mount=type=nope,target=/x y\n", "dockerfile parse error on line 2: unsupported mount type \"nope\""),
            ("FROM x\nONBUILD FROM y\n", "dockerfile parse error on line 2: FROM isn't allowed as an ONBUILD trigger"),
            ("# escape=x\nFROM y\n", "dockerfile parse error on line 1: invalid ESCAPE 'x' does not match ` or \\"),
            ("# check=skip=all\n# check=skip=all\nFROM x\n", "dockerfile parse error on line 2: only one check parser directive can be used"),
        ]) func refused(text: String, message: String)
    { #expect(failure(text) == message) }
}

@Suite struct ExpansionTests {
    private let values = ["a": "one", "empty": "", "path": "x/y/z.tar.gz"]

    @Test(arguments: [
        ("$a ${a}b", "one oneb"), ("'$a' \"$a\"", "$a one"), ("\\$a", "$a"), ("\"\\$a \\x\"", "$a \\x"), ("$", "$"), ("$nope.", "."), ("a\\\\b", "a\\b"),
        ("$99b${1:-x}$?${!}$$", "bx"), ("${nope:-else}", "else"), ("${empty:-else}", "else"), ("${empty-else}", ""), ("${a:+then}", "then"), ("${empty:+then}", ""),
        ("${empty+then}", "then"),
        ("${nope:-${a}}", "one"), ("${nope:-'a}'}", "a}"), ("${a:?why}", "one"), ("${path#*/}", "y/z.tar.gz"), ("${path##*/}", "z.tar.gz"), ("${path%.*}", "x/y/z.tar"),
        ("${path%%.*}", "x/y/z"), ("${path/\\//-}", "x-y/z.tar.gz"), ("${path//\\//-}", "x-y-z.tar.gz"), ("${path//[.]/Q}", "x/y/z.tar.gz"), ("${path//.?/Q}", "x/y/zQarQz"),
    ]) func words(text: String, expected: String) throws {
        let values = values
        #expect(try Expansion { values[$0] }.word(text) == expected)
    }

    @Test("in a here-document an escape is itself but before what it escapes, and ends of lines", arguments: [("\\\n", "\n"), ("\\\\\n", "\\\n"), ("\\$a", "$a"), ("\\x", "\\x")])
    func documents(text: String, expected: String) throws { #expect(try Expansion { _ in nil }.document(text) == expected) }

    @Test(arguments: ["${", "${a", "${a#\\", "${a:-\\", "${a/\\", "${a:=b}", "${}", "\"a", "'a", "${a^}", "${nope:?why}", "${nope?}", "${a:"]) func refused(text: String) {
        let values = values
        #expect(throws: DockerfileError.self) { try Expansion { values[$0] }.word(text) }
    }
}

@Suite struct PatternTests {
    @Test(arguments: [
        ("*", "a", true), ("*", "a/b", false), ("a/*", "a/b", true), ("**", "a/b", true), ("**/b", "b", true), ("**/b", "x/y/b", true), ("**/b", "x/yb", false),
        ("a/**", "a/b/c", true), ("a/**", "a", false), ("a?c", "abc", true), ("a?c", "a/c", false), ("[a-c]x", "bx", true), ("[^a-c]x", "bx", false), ("\\*", "*", true),
        ("\\*", "a", false), ("**/*.go", "a/b.go", true), ("a**z", "a/q/z", true), ("*.t[x-z]t", "n.tyt", true),
    ]) func globs(pattern: String, text: String, isMatch: Bool) throws { #expect(try #require(Glob(path: pattern)).matches(text) == isMatch) }

    @Test func noPatterns() { for text in ["[", "[a", "a\\", "[]"] { #expect(Glob(path: text) == nil) } }

    @Test("the last line that matches wins; a directory takes what is in it along") func ignoring() throws {
        let patterns = try IgnorePatterns(file: Array("# comment\n\n /docs/ \n*.md\n!README.md\n**/secret\ntemp?\na/../b\n".utf8))
        for path in ["docs", "docs/a/b", "x.md", "q/secret", "secret", "temp1", "b", "b/c"] { #expect(patterns.matches(path), "\(path)") }
        for path in ["README.md", "src/docs", "a/x.md", "temp", "a"] { #expect(!patterns.matches(path), "\(path)") }
        #expect(patterns.hasExceptions)
        #expect(throws: DockerfileError.self) { try IgnorePatterns(["!"]) }
        #expect(throws: DockerfileError.self) { try IgnorePatterns(["[a"]) }
    }
}
