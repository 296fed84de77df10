internal import Arguments
internal import Compose

extension ComposeCommands {
    static func version() -> AnyCommand {
        command(
            "version", "Show the Docker Compose version information", usage: "[OPTIONS]",
            flags: { [.value("format", short: "f", "Format the output. Values: [pretty | json]. (Default: pretty)"), .bool("short", "Shows only Compose's version number")] },
            action: { compose in
                let version = ComposeLabel.composeVersion
                if compose.flags.bool("short") {
                    compose.session.print(version)
                } else if compose.flags.string("format") == "json" {
                    compose.session.print("{\"version\":\"v\(version)\"}")
                } else {
                    compose.session.print("Docker Compose version v\(version)")
                }
                return 0
            })
    }
}
