/// The labels by which docker compose knows what belongs to a project.
package enum ComposeLabel {
    /// The version of docker compose whose words, flags and labels these are.
    package static let composeVersion = "2.40.3"

    package static let project = "com.docker.compose.project"
    package static let service = "com.docker.compose.service"
    package static let configHash = "com.docker.compose.config-hash"
    package static let number = "com.docker.compose.container-number"
    package static let volume = "com.docker.compose.volume"
    package static let network = "com.docker.compose.network"
    package static let directory = "com.docker.compose.project.working_dir"
    package static let files = "com.docker.compose.project.config_files"
    package static let environmentFile = "com.docker.compose.project.environment_file"
    /// `True` for the containers of `run`.
    package static let oneOff = "com.docker.compose.oneoff"
    /// What a container that stands for no service is run for: `pre_start`.
    package static let hook = "com.docker.compose.hook"
    package static let slug = "com.docker.compose.slug"
    /// The id of the image that a container was made of.
    package static let image = "com.docker.compose.image"
    package static let dependsOn = "com.docker.compose.depends_on"
    package static let version = "com.docker.compose.version"
    /// The name of the container that this one replaces.
    package static let replace = "com.docker.compose.replace"
}
