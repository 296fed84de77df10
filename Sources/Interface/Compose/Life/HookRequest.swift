package import ComposeFile
package import DockerAPI

extension ExecCreateRequest {
    /// A command that a Compose file has run in a container.
    package init(_ hook: ComposeHook) {
        self.init()
        cmd = hook.command
        user = hook.user
        privileged = hook.privileged
        workingDir = hook.workingDir
        env = hook.environment.sorted { $0.key < $1.key }.map { name, value in value.map { "\(name)=\($0)" } ?? name }
        attachStdout = true
        attachStderr = true
    }
}
