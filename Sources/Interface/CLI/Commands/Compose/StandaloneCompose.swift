internal import Arguments
internal import Compose
internal import JSON
internal import Linux

/// The program called `docker-compose`: by itself, or as a plug-in of the stock `docker` command line, by docker/cli's protocol.
extension CLI {
    /// `run` carries out a command line of `docker`.
    package static func standaloneCompose(_ arguments: [String], _ run: ([String]) -> Int32) -> Int32 {
        if arguments.first == "docker-cli-plugin-metadata" {
            let metadata: JSONObject = [
                "SchemaVersion": .string("0.1.0"), "Vendor": .string("Davit"), "Version": .string("v\(ComposeLabel.composeVersion)"),
                "ShortDescription": .string("Docker Compose"),
            ]
            Console.output(JSONValue.object(metadata).compactText + "\n")
            return 0
        }
        // The stock client hands on its own command line, in which `compose` stands.
        if Environment.value(CommandPlugin.callerVariable) != nil { return run(arguments) }
        return run(dockerArguments(arguments))
    }

    /// Flags that are docker's own come before `compose`, all others after it.
    static func dockerArguments(_ arguments: [String]) -> [String] {
        let globals = ["host", "H", "context", "c", "log-level", "l", "config", "tlscacert", "tlscert", "tlskey", "root", "run-root"]
        let switches = ["debug", "D", "tls", "tlsverify"]
        var own: [String] = [], rest = arguments[...]
        var others: [String] = []
        while let word = rest.first, word.hasPrefix("-"), word != "--" {
            rest = rest.dropFirst()
            let name = String(word.drop { $0 == "-" }.prefix { $0 != "=" })
            if switches.contains(name) {
                own.append(word)
            } else if globals.contains(name) {
                own.append(word)
                if !word.contains("="), let value = rest.popFirst() { own.append(value) }
            } else {
                others.append(word)
                // A flag of compose may have its value in the next word.
                let flag = Root.compose().flags().first { "--\($0.name)" == word || ($0.short.map { "-\($0)" } ?? "") == word }
                if let flag, flag.takesValue, let value = rest.popFirst() { others.append(value) }
            }
        }
        return own + ["compose"] + others + rest
    }
}
