package import Database
internal import Diagnostics
package import DockerAPI
package import Values

// The containers' side: which networks a container is on. A row of `endpoints` lasts from the container's creation, or from `connect`, to
// its removal, or to `disconnect`; addresses are leased from `lease` to `release`.
extension Networks {
    /// Notes which networks a new container is to be on, in the transaction that inserts its row. Networks are named as the user did: that
    /// there is no such network is an error of `lease`, as in Docker. Throws `invalid` for settings that no network could take.
    package static func add(_ endpoints: [String: EndpointSettings], of container: Identifier, in transaction: borrowing Transaction) throws {
        throw Fault(.notImplemented, "networks are not available yet")
    }

    /// Leases a container's addresses on all of its networks, in the order of its interfaces. `ensure` must follow, outside the transaction,
    /// before the supervisor starts, and `release` when the container has ended.
    ///
    /// Throws Docker's errors: `notFound` for a network that is not there, `forbidden` for an address that is taken, `invalid` for one
    /// that is out of range.
    package func lease(_ member: NetworkMember, in transaction: borrowing Transaction) throws -> [EndpointLease] {
        throw Fault(.notImplemented, "networks are not available yet")
    }

    /// Sees to it that the host's side of the networks is there: bridges, firewall rules. Nothing is to be done in the usual case. Should it
    /// throw, the leases are to be released.
    package func ensure(_ leases: [EndpointLease]) throws {
        for lease in leases { try host.ensure(lease.host) }
    }

    /// Gives a container's addresses back at its end, in the transaction that says that it has ended. Nothing to give back is right.
    package static func release(_ container: Identifier, in transaction: borrowing Transaction) throws {}

    /// Deletes all that is known of a container, in the transaction that deletes its row.
    package static func forget(_ container: Identifier, in transaction: borrowing Transaction) throws {}

    /// Notes a container's new name. The names file of its interfaces is the supervisor's to change.
    package static func rename(_ container: Identifier, to name: String, in transaction: borrowing Transaction) throws {}

    /// POST /networks/{id}/connect: notes that the container is on the network, and when it runs leases its addresses there, makes the
    /// host's side and gives what the supervisor is to make. nil for a container that does not run.
    package func connect(_ member: NetworkMember, to network: String, _ settings: EndpointSettings, isRunning: Bool) throws -> EndpointLease? {
        throw Fault(.notImplemented, "networks are not available yet")
    }

    /// POST /networks/{id}/disconnect, after the supervisor has taken the interface away: forgets the endpoint and gives its addresses
    /// back. Throws Docker's errors for a network that is not there or that the container is not on.
    package func disconnect(_ container: Identifier, from network: String) throws {
        throw Fault(.notImplemented, "networks are not available yet")
    }

    /// The networks that a container is on, by name, as inspect shows them.
    package func endpoints(of container: Identifier) throws -> [String: EndpointSettings] { [:] }

    /// The same of all containers, for `ps`.
    package func endpoints() throws -> [Identifier: [String: EndpointSettings]] { [:] }
}
