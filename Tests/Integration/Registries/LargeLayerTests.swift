import Testing

extension Integration {
    /// Layers that are larger than memory should ever be.
    @Suite struct LargeLayerTests {
        /// What a pull may ever have in memory, however large its layers are, in kibibytes: three layers at once, each with a window and its queues.
        private static let memoryLimit = 64 << 10

        @Test("the memory of a pull is bounded, with DAVIT_FULL=1 by a layer of 10 GB")
        func pullStaysSmall() throws {
            let registry = try RegistryServer()
            let size = CrashTests.isFull ? "10G" : "128M"
            try registry.must(
                """
                truncate -s \(size) zeros; mkfifo plain
                sha256sum <plain >diff & tar -cf - zeros | tee plain | gzip -1 >layer; wait
                config='{"architecture":"amd64","os":"linux","config":{},"rootfs":{"type":"layers","diff_ids":["sha256:'$(cut -c-64 diff)'"]}}'
                printf %s "$config" >config
                for file in layer config; do
                    place=$(curl -sf -X POST -o /dev/null -D - $URL/v2/large/blobs/uploads/ | tr -d '\\r' | sed -n 's/^[Ll]ocation: //p')
                    curl -sf -X PUT -T $file "$place?digest=sha256:$(sha256sum $file | cut -c-64)"
                    echo '{"digest":"sha256:'$(sha256sum $file | cut -c-64)'","size":'$(stat -c %s $file)',"mediaType":"application/vnd.oci.image.'$file'"}' >$file.json
                done
                jq -n '{schemaVersion: 2, mediaType: "application/vnd.oci.image.manifest.v1+json", config: $config[0], layers: $layer}
                    | .config.mediaType += ".v1+json" | .layers[0].mediaType += ".v1.tar+gzip"' --slurpfile config config.json --slurpfile layer layer.json >manifest
                curl -sf -X PUT -H 'Content-Type: application/vnd.oci.image.manifest.v1+json' --data-binary @manifest $URL/v2/large/manifests/latest
                """, seconds: CrashTests.isFull ? 1800 : 60)
            let most = try registry.must(
                """
                python3 -c 'import resource, subprocess, sys
                subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL)
                print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)' $DAVIT pull $ADDRESS/large
                """, seconds: CrashTests.isFull ? 1800 : 60)
            print("the peak memory of pulling a layer of \(size): \(most) KiB")
            #expect(Int(most).map { $0 < Self.memoryLimit } == true, "\(most) KiB")
        }
    }
}
