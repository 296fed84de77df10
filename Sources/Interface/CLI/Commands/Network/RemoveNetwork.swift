internal import Arguments
internal import DockerAPI
internal import DockerClient
internal import Terminal

extension Root {
    static func removeNetwork() -> AnyCommand {
        AnyCommand(
            "rm", aliases: ["remove"], "Remove one or more networks", usage: "NETWORK [NETWORK...]", arity: .atLeast(1), subject: .networks,
            flags: { [.bool("force", short: "f", "Do not error if the network does not exist")] },
            action: { session in
                let client = try session.client(), isForced = session.flags.bool("force")
                return try await session.forEach(session.arguments, printing: false) { name in
                    do {
                        try await client.removeNetwork(name)
                        session.print(name)
                    } catch let error as APIError where error.status == 404 && isForced {}
                }
            })
    }

    static func pruneNetworks() -> AnyCommand {
        AnyCommand(
            "prune", "Remove all unused networks", usage: "[OPTIONS]", arity: .none, flags: { Prune.flags },
            action: { session in
                guard try await Prune.confirm(session, "WARNING! This will remove all custom networks not used by at least one container.") else { return 0 }
                let report = try await session.client().pruneNetworks(filters: Prune.filters(session))
                Prune.report("Deleted Networks:", report.networksDeleted ?? [], nil)
                return 0
            })
    }
}
