/// Which of a project's services are meant.
extension ComposeProject {
    /// Turns those off that have profiles of which none is wanted.
    mutating func enable(profiles: [String]) {
        for (name, service) in services where !service.profiles.isEmpty && !profiles.contains("*") {
            guard Set(service.profiles).isDisjoint(with: profiles) else { continue }
            disabled[name] = service
            services[name] = nil
        }
    }

    /// The project of the named services and, unless they are to be left out, all that those depend on. No names are all services. Who is
    /// named is on, whatever its profiles.
    package func selecting(_ names: [String], dependencies: Bool = true) throws(ComposeFileError) -> ComposeProject {
        if names.isEmpty { return self }
        var project = self
        var wanted: Set<String> = []
        var queue = names
        while let name = queue.popLast() {
            guard !wanted.contains(name) else { continue }
            if let service = project.disabled.removeValue(forKey: name) { project.services[name] = service }
            guard let service = project.services[name] else { throw ComposeFileError("no such service: \(name)") }
            wanted.insert(name)
            guard dependencies else { continue }
            for (other, dependency) in service.dependsOn {
                if project.services[other] == nil, project.disabled[other] == nil || !dependency.required {
                    if dependency.required { throw ComposeFileError("no such service: \(other)") }
                    continue
                }
                queue.append(other)
            }
        }
        for (name, service) in project.services where !wanted.contains(name) {
            project.disabled[name] = service
            project.services[name] = nil
        }
        let known = Set(project.services.keys)
        project.services = project.services.mapValues { service in
            var service = service
            service.dependsOn = service.dependsOn.filter { known.contains($0.key) }
            return service
        }
        return project
    }

    /// Says how many containers of a service there shall be.
    package mutating func scale(_ name: String, to count: Int) throws(ComposeFileError) {
        guard services[name] != nil else { throw ComposeFileError("no such service: \(name)") }
        services[name]?.scale = count
        services[name]?.deploy?.replicas = count
    }

    /// Services in layers: each needs only those of layers before it.
    package var layers: [[String]] {
        var layers: [[String]] = []
        var left = Set(services.keys), done: Set<String> = []
        while !left.isEmpty {
            let next = left.filter { name in (services[name]?.dependsOn.keys ?? [:].keys).allSatisfy { done.contains($0) || services[$0] == nil } }
            // A cycle was refused when the project was loaded.
            if next.isEmpty { return layers + [left.sorted()] }
            layers.append(next.sorted())
            done.formUnion(next)
            left.subtract(next)
        }
        return layers
    }

    /// The services that depend on one, with how.
    package func dependents(of name: String) -> [(name: String, dependency: ComposeDependency)] {
        services.sorted { $0.key < $1.key }.compactMap { other, service in service.dependsOn[name].map { (other, $0) } }
    }
}
