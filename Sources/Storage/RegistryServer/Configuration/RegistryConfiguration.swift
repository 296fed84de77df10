package import HTTP
package import OCI

/// How a registry server is set up: what `config.yml` of Docker's registry says (docs/content/about/configuration.md there), and a few
/// things of our own: `storage.maintenance.garbagecollect` and `access`.
package struct RegistryConfiguration: Sendable {
    // storage
    package var root = "/var/lib/registry"
    package var deletesEnabled = false
    package var isReadOnly = false
    package var purge = Purge()
    package var collection = Collection()

    // http
    package var address = ":5000"
    /// `addr` is the path of a unix socket.
    package var isUnix = false
    /// Scheme and authority of the URLs in answers, without a slash at the end.
    package var host: String?
    /// Before `/v2/`: begins with a slash and ends without; mostly empty.
    package var prefix = ""
    package var relativeURLs = false
    package var tls: TLS?
    package var drainTimeout = Duration.seconds(60)
    /// Added to every answer.
    package var headers: HeaderFields = ["X-Content-Type-Options": "nosniff"]
    package var debugAddress: String?
    package var prometheusPath: String?

    // log
    package var logsAccess = true

    package var authorization = Authorization()
    /// The registry that this one caches; pushes and deletions are then refused.
    package var proxy: Proxy?
    /// Who is told of what happens.
    package var notifications: [Notification] = []
    /// Events of a push list what the manifest refers to.
    package var notificationsHaveReferences = false
    /// What is looked at again and again; the storage unless the configuration says no.
    package var health = [HealthCheck(name: HealthCheck.storageName, subject: .storage, threshold: 3)]
    /// The images of a list that must be here before it, by what they are for; nil is all, and none an empty list.
    package var listedPlatforms: [Platform]?
    /// Where layers may come from that are not kept here; nil is from anywhere.
    package var layerURLs: LayerURLs?
    package var catalogLimit = 1000
    package var tagsLimit = Int.max
    /// What was said that has no meaning here, in words for the operator.
    package var warnings: [String] = []

    /// Uploads that nobody goes on with.
    package struct Purge: Sendable {
        package var isEnabled = true
        package var age = Duration.seconds(168 * 3600)
        package var interval = Duration.seconds(24 * 3600)
        package var isDryRun = false
    }

    /// The garbage collection that runs by itself.
    package struct Collection: Sendable {
        package var isEnabled = false
        package var interval = Duration.seconds(24 * 3600)
        package var untagged = false
        /// How long a push may take between its blobs and their manifest.
        package var lease = Duration.seconds(3600)
    }

    /// Paths of PEM files.
    package struct TLS: Sendable {
        package var certificate: String
        package var key: String
        package var clientAuthorities: [String] = []
        /// Clients may come without a certificate; one that they show must be right.
        package var clientsMayBeUnknown = false
    }

    /// Somebody who is told of events: docs/content/about/notifications.md there.
    package struct Notification: Sendable {
        package var name: String
        package var url: String
        package var headers: HeaderFields = [:]
        package var timeout = Duration.seconds(1)
        /// Failures in a row after which each attempt waits for `backoff`.
        package var threshold = 10
        package var backoff = Duration.seconds(1)
        package var ignoredTypes: Set<String> = []
        package var ignoredActions: Set<String> = []
    }

    /// Something without which the registry is of no use.
    package struct HealthCheck: Sendable {
        package enum Subject: Sendable {
            /// The directory, where Docker's registry looks at its storage driver.
            case storage
            /// Fails while there is a file of this path: for taking a registry out of service.
            case file(String)
            case http(URL, headers: HeaderFields, status: Int)
            case tcp(host: String, port: UInt16)
        }

        package static let storageName = "storagedriver_filesystem"

        /// What it is called at `/debug/health`.
        package var name: String
        package var subject: Subject
        package var interval = Duration.seconds(10)
        package var timeout = Duration.seconds(30)
        /// Failures in a row that make it fail.
        package var threshold = 1
    }

    /// Another registry, and who we are to it.
    package struct Proxy: Sendable {
        package var remoteURL: String
        package var username = ""
        package var password = ""
        /// What has been here for longer goes, and is fetched anew when somebody asks for it. Nil keeps it.
        package var timeToLive: Duration? = .seconds(168 * 3600)
    }

    /// Who may do what.
    package struct Authorization: Sendable {
        package var passwords: Passwords?
        package var tokens: Tokens?
        /// Who has not signed in may pull.
        package var anonymousPull = false
        /// The first that fits a repository and a user decides; nil when there are none, and then all users may do everything.
        package var rules: [Rule]?

        package struct Passwords: Sendable {
            package var realm: String
            package var path: String
        }

        package struct Tokens: Sendable {
            package var realm: String
            package var service: String
            package var issuer: String
            /// Paths of PEM certificates, and of a JSON Web Key Set; one of them may be empty.
            package var rootCertificates: String
            package var keySet: String
        }

        package struct Rule: Sendable, Hashable {
            /// `*` is any run of characters but slashes, `**` any at all.
            package var repository: String
            /// Names; `*` is all who signed in, `anonymous` who did not.
            package var users: [String]
            package var actions: Set<Action>
        }
    }

    /// What can be done with a repository.
    package enum Action: String, Sendable { case pull, push, delete }

    package init() {}

    /// Flags of the command line, which count more than the file and the environment.
    package mutating func override(address: String?, root: String?) {
        if let address { self.address = address }
        if let root { self.root = root }
    }
}
