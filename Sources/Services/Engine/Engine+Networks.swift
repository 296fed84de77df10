import Containers
package import DockerAPI
import Networks
import Values

// Networks cannot see containers, and do not know that one has died whose supervisor was killed. What follows finds that out first.
extension Engine {
    /// GET /networks/{id}.
    package func inspectNetwork(_ reference: String, scope: String = "") throws -> Network {
        try containers.recover(networks.members(of: reference))
        return try networks.inspect(reference, scope: scope)
    }

    /// DELETE /networks/{id}.
    package func removeNetwork(_ reference: String) throws {
        try containers.recover(networks.members(of: reference))
        try networks.remove(reference)
    }

    /// POST /networks/prune.
    package func pruneNetworks(_ filters: Filters) throws -> NetworksPruneReport {
        try containers.recover(networks.members())
        return try networks.prune(filters)
    }
}
