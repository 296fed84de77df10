import Linux
import Testing

extension Integration {
    /// Commands that other programs add, by docker/cli's protocol.
    @Suite struct PluginTests {
        let it: Installation

        init() throws { it = try Installation() }

        @Test("E26 E30: a plug-in is found in the user's directory or one that the configuration names, and is given all words and the engine")
        func plugins() throws {
            let script = """
                mkdir -p \(it.directory)/.docker/cli-plugins \(it.directory)/more
                printf '#!/bin/sh\\necho "$DOCKER_CLI_PLUGIN_ORIGINAL_CLI_COMMAND $DOCKER_HOST $*"; exit 7\\n' > \(it.directory)/.docker/cli-plugins/docker-hello
                chmod +x \(it.directory)/.docker/cli-plugins/docker-hello
                cp \(it.directory)/.docker/cli-plugins/docker-hello \(it.directory)/more/docker-other
                touch \(it.directory)/.docker/cli-plugins/docker-text
                echo '{"cliPluginsExtraDirs": ["\(it.directory)/more"]}' > \(it.directory)/.docker/config.json
                """
            #expect(try it.shell(script).code == 0)
            let hello = try it.davit(["hello", "--loud", "you"])
            let words = "--root \(it.dataRoot) --run-root \(it.runRoot)"
            #expect(hello.code == 7 && hello.out == "davit unix://\(it.runRoot)/davit.sock \(words) hello --loud you\n", "\(hello)")
            #expect(try it.davit(["-H", "tcp://1.2.3.4:5", "hello"], environment: ["DOCKER_HOST=x"]).out == "davit x \(words) -H tcp://1.2.3.4:5 hello\n")
            #expect(try it.davit(["other"], environment: ["DOCKER_HOST=tcp://1.2.3.4:5"]).out == "davit tcp://1.2.3.4:5 \(words) other\n")
            // What may not be executed, what is none, and a path: none of them is a command.
            for name in ["text", "nope", "../more/docker-other", "Hello"] {
                #expect(try it.davit([name]).err.hasPrefix("davit: unknown command: davit \(name)\n"))
            }
            let topic = try it.davit(["help", "nope"]), help = try it.davit(["nope", "--help"])
            #expect(topic.code == 1 && topic.err == "unknown help topic: nope\n", "\(topic)")
            #expect(help.code == 0 && help.err.isEmpty && help.out.contains("Usage:  davit [OPTIONS] COMMAND"), "\(help)")
            // Commands of its own come first.
            #expect(
                try it.shell("cp \(it.directory)/.docker/cli-plugins/docker-hello \(it.directory)/.docker/cli-plugins/docker-compose; $DAVIT compose version --short").code == 0)
        }
    }
}
