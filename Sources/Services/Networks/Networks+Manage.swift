internal import Diagnostics
package import DockerAPI
package import Values

extension Networks {
    /// POST /networks/create.
    package func create(_ request: NetworkCreateRequest) throws -> NetworkCreateResponse {
        throw Fault(.notImplemented, "networks are not available yet")
    }

    /// GET /networks. Filters: `dangling`, `driver`, `id`, `label`, `name`, `scope`, `type`.
    package func list(_ filters: Filters = Filters()) throws -> [Network] { [] }

    /// GET /networks/{id}, with the containers that run on it.
    package func inspect(_ reference: String, scope: String = "") throws -> Network {
        throw Fault(.notFound, "network \(reference) not found")
    }

    /// The network that a name, an id or the beginning of an id means. Throws Docker's errors.
    package func resolve(_ reference: String) throws -> Network { try inspect(reference) }

    /// The containers that have leases on a network: those whose death nobody has noticed are found out before `remove` and `inspect`.
    package func members(of reference: String) throws -> [Identifier] { [] }

    /// DELETE /networks/{id}. Throws `forbidden` while a container has a lease on it.
    package func remove(_ reference: String) throws {
        throw Fault(.notImplemented, "networks are not available yet")
    }

    /// POST /networks/prune. Filters: `until`, `label`, `label!`.
    package func prune(_ filters: Filters = Filters()) throws -> NetworksPruneReport { NetworksPruneReport() }

    /// Takes away what the host has of networks that are no more. For a daemon's start.
    package func recover() throws {}
}
