package import Linux
package import OCI

/// What it takes to make a container's first process.
package struct ContainerLaunch: Sendable {
    package var spec: RuntimeSpec
    /// Mounted as the root; nil binds `spec.root.path`.
    package var rootMount: RuntimeMount?
    /// An empty directory on the host.
    package var mountPoint: String
    /// `user[:group]`, looked up in the container's own files; nil takes the numbers in the spec.
    package var user: String?
    package var additionalGroups: [String]
    /// Instructions for seccomp(2); empty loads none.
    package var seccompFilter: [UInt8]
    /// A reaping process 1 stands before the program.
    package var usesInit: Bool
    /// Nil when a supervisor stands behind the container: then its process ends with the one that starts it.
    package var independence: Independence?
    package var extras = ProcessExtras()
    /// False for a root that pivot_root(2) refuses: it is moved instead.
    package var pivots = true

    package init(
        spec: RuntimeSpec, rootMount: RuntimeMount?, mountPoint: String, user: String?, additionalGroups: [String], seccompFilter: [UInt8],
        usesInit: Bool
    ) {
        self.spec = spec
        self.rootMount = rootMount
        self.mountPoint = mountPoint
        self.user = user
        self.additionalGroups = additionalGroups
        self.seccompFilter = seccompFilter
        self.usesInit = usesInit
    }
}

/// How a container lives that nobody stands behind: who starts its process ends, and others begin its program, look at it and delete it.
package struct Independence: Sendable {
    package var hooks: RuntimeHooks
    /// What hooks are told; the number of the process is filled in.
    package var state: RuntimeState
    /// A socket that listens until the program has begun, for which the byte `beginning` is the word; nil begins at once. Of what the runtime
    /// has open the process gets this and nothing more.
    package var listener: OpenFile?

    package static let beginning: UInt8 = 0x42

    package init(hooks: RuntimeHooks, state: RuntimeState, listener: OpenFile?) {
        self.hooks = hooks
        self.state = state
        self.listener = listener
    }
}
