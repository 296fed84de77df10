import Testing

@testable import Dockerfile

@Suite struct CheckerTests {
    private func check(_ text: String, ignored: String = "", _ options: String = "", environment: [String: String]? = ["HOME": "/"]) throws -> [String] {
        let file = try Dockerfile(Array(text.utf8))
        return Checker.check(
            file, ignored: try IgnorePatterns(file: Array(ignored.utf8)), try CheckOptions(options), stages: Array(file.stages.indices), given: [:],
            automatic: ["TARGETPLATFORM": "linux/amd64", "BUILDPLATFORM": "linux/amd64"]
        ) { _ in environment }.map(\.text)
    }

    @Test(
        "each rule has BuildKit's words",
        arguments: [
            ("FROM a AS Build\n", "StageNameCasing: Stage name 'Build' should be lowercase (line 1)"),
            ("FROM a as b\n", "FromAsCasing: 'as' and 'FROM' keywords' casing do not match (line 1)"),
            ("FROM a\nRUN x \\\n\n y\n", "NoEmptyContinuation: Empty continuation line (line 4)"),
            ("FROM a\nRUN x\nrun y\n", "ConsistentInstructionCasing: Command 'run' should match the case of the command majority (uppercase) (line 3)"),
            ("FROM a AS b\nFROM a AS b\n", "DuplicateStageName: Duplicate stage name \"b\", stage names should be unique (line 2)"),
            ("FROM a AS scratch\n", "ReservedStageName: Stage name should not use the same name as reserved stage \"scratch\" (line 1)"),
            ("FROM a\nCMD x\n", "JSONArgsRecommended: JSON arguments recommended for CMD to prevent unintended behavior related to OS signals (line 2)"),
            ("FROM a\nMAINTAINER x\n", "MaintainerDeprecated: Maintainer instruction is deprecated in favor of using label (line 2)"),
            ("ARG version=1\nFROM a:${versoin}x\n", "UndefinedArgInFrom: FROM argument 'versoin' is not declared (did you mean version?) (line 2)"),
            ("FROM a\nWORKDIR x\nWORKDIR y\n", "WorkdirRelativePath: Relative workdir \"x\" can have unexpected results if the base image changes (line 2)"),
            ("FROM a\nARG b\nCOPY $c $b $HOME /\n", "UndefinedVar: Usage of undefined variable '$c' (did you mean $b?) (line 3)"),
            (
                "FROM a\nENTRYPOINT [\"x\"]\nENTRYPOINT [\"y\"]\n",
                "MultipleInstructionsDisallowed: Multiple ENTRYPOINT instructions should not be used in the same stage because only the last one will be used (line 2)"
            ),
            ("FROM a\nENV b c\n", "LegacyKeyValueFormat: \"ENV key=value\" should be used instead of legacy \"ENV key value\" format (line 2)"),
            (
                "FROM --platform=$TARGETPLATFORM a\n",
                "RedundantTargetPlatform: Setting platform to predefined $TARGETPLATFORM in FROM is redundant as this is the default behavior (line 1)"
            ),
            ("FROM a\nENV GITHUB_TOKEN=x\n", "SecretsUsedInArgOrEnv: Do not use ARG or ENV instructions for sensitive data (ENV \"GITHUB_TOKEN\") (line 2)"),
            ("ARG t\nFROM a:$t\n", "InvalidDefaultArgInFrom: Default value for ARG a:$t results in empty or invalid base image name (line 2)"),
            ("FROM --platform=linux/arm64 a AS b\n", "FromPlatformFlagConstDisallowed: FROM --platform flag should not use constant value \"linux/arm64\" (line 1)"),
            ("FROM a\nCOPY sub/x /\n", "CopyIgnoredFile: Attempting to Copy file \"sub/x\" that is excluded by .dockerignore (line 2)"),
            ("FROM a\nEXPOSE 80/TCP\n", "ExposeProtoCasing: Defined protocol '80/TCP' in EXPOSE instruction should be lowercase (line 2)"),
            ("FROM a\nEXPOSE 1:80\n", "ExposeInvalidFormat: EXPOSE instruction should not define an IP address or host-port mapping, found '1:80' (line 2)"),
        ]) func rule(_ text: String, _ warning: String) throws
    {
        #expect(try check(text, ignored: "sub\n") == [warning])
        let rule = String(warning.prefix { $0 != ":" })
        #expect(try check(text, ignored: "sub\n", "skip=A, \(rule);error=true").isEmpty)
    }

    @Test(
        "what is meant is not warned of",
        arguments: [
            "from a as b\nrun x\n", "FROM a\nSHELL [\"x\"]\nCMD y\n", "FROM a\nWORKDIR /a\nWORKDIR b\n", "FROM a\nENV PUBLIC_KEY=x KEY_FILE=y MONKEY=z\n",
            "FROM a AS b\nARG c\nFROM b\nCOPY $c /\n", "FROM --platform=$BUILDPLATFORM a\n", "FROM --platform=linux/arm64 a AS build-arm64\n", "FROM a\nRUN echo $x\n",
            "ARG t=1\nFROM a:$t\n", "FROM a\nCOPY . /\nCOPY --from=b sub/x /\n", "FROM a\nRUN x \\\n # said\n y\n",
            "# said\nFROM a\n# check=skip=JSONArgsRecommended\nCMD x\n",
        ]) func silent(_ text: String) throws
    { #expect(try check(text, ignored: "sub\n") == []) }

    @Test("a keyword that is written both ways has no way that another must follow") func casing() throws {
        #expect(try check("From a as b\nRUN x\n").allSatisfy { $0.hasPrefix("ConsistentInstructionCasing") })
    }

    @Test(
        "what is like something is told of",
        arguments: [("FNTRYPOINT x", "ENTRYPOINT"), ("COPY --chwn=1 a b", "chown"), ("RUN --mont=type=bind x", "mount"), ("RUN --mount=typ=bind x", "type")])
    func suggestions(_ line: String, _ meant: String) throws {
        let error = #expect(throws: DockerfileError.self) { try Dockerfile(Array("FROM a\n\(line)\n".utf8)) }
        #expect(error?.description.hasSuffix("(did you mean \(meant)?)") == true)
    }

    @Test func options() throws {
        #expect(try check("FROM a\nCOPY $x /\n", environment: nil) == [])
        #expect(try check("FROM a\nCMD x\n", "skip=all") == [])
        let warning = CheckWarning(rule: .undefinedVar, detail: "", lines: 1...1)
        #expect(try CheckOptions("error=true").failure([warning, warning]) == "lint violation found for rules: UndefinedVar")
        #expect(try CheckOptions("error=1").failure([]) == nil && CheckOptions("").failure([warning]) == nil)
        for bad in ["x", "x=y", "error=maybe"] { #expect(throws: DockerfileError.self) { try CheckOptions(bad) } }
    }

    @Test func addresses() {
        #expect(CheckRule.jsonArgsRecommended.address.hasSuffix("/rule/json-args-recommended/"))
        #expect(CheckRule.secretsUsedInArgOrEnv.address.hasSuffix("/rule/secrets-used-in-arg-or-env/"))
    }
}
