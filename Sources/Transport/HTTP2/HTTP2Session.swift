internal import CNGHTTP2

/// One field of a head: names are lower case, those that begin with a colon come first.
package struct HTTP2Field: Sendable, Hashable {
    package var name: String
    package var value: String

    package init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }
}

/// What went wrong on a connection or stream.
package struct HTTP2Error: Error, Sendable, CustomStringConvertible {
    package var description: String

    package init(_ description: String) { self.description = description }
}

/// HTTP/2 (RFC 9113) of one connection, by nghttp2: bytes and calls in, events and bytes out, and no I/O. Both sides speak HTTP/2 from the first
/// byte. Not to be used by two threads at once.
package final class HTTP2Session {
    package enum Role { case client, server }

    package enum Event: Sendable {
        /// A request, a response, or what comes after its body.
        case head(Int32, [HTTP2Field])
        case data(Int32, [UInt8])
        /// The peer sends no more on this stream.
        case ended(Int32)
        /// The stream is over; 0 is no error.
        case closed(Int32, code: UInt32)
    }

    /// Streams that the peer may have open at once.
    private static let streamLimit: UInt32 = 1000
    /// Bytes of one head that comes, and of one that goes.
    private static let headLimit = 64 << 10
    private static let ownHeadLimit = 4 << 20
    /// Bytes that may be under way to us before they are `consumed`: of a stream, and of the connection.
    private static let streamWindow: UInt32 = 1 << 20
    private static let connectionWindow: Int32 = 16 << 20

    private var session: OpaquePointer?
    private var events: [Event] = []
    private var streams: [Int32: Stream] = [:]

    /// What is under way on one stream.
    private struct Stream {
        var head: [HTTP2Field] = []
        var headBytes = 0
        /// What is to be sent yet.
        var output: [UInt8] = []
        /// Of that, what has been.
        var sent = 0
        /// Nil until it is known that nothing more is to be sent; then what is to be said after it.
        var trailers: [HTTP2Field]?
    }

    package init(_ role: Role) throws(HTTP2Error) {
        var callbacks: OpaquePointer?, options: OpaquePointer?
        guard nghttp2_session_callbacks_new(&callbacks) == 0, nghttp2_option_new(&options) == 0 else { throw HTTP2Error("http2: out of memory") }
        defer {
            nghttp2_session_callbacks_del(callbacks)
            nghttp2_option_del(options)
        }
        nghttp2_option_set_no_auto_window_update(options, 1)
        nghttp2_option_set_max_send_header_block_length(options, Self.ownHeadLimit)
        nghttp2_option_set_peer_max_concurrent_streams(options, Self.streamLimit)
        Self.register(callbacks)
        let this = Unmanaged.passUnretained(self).toOpaque()
        var session: OpaquePointer?
        let result = role == .client ? nghttp2_session_client_new2(&session, callbacks, this, options) : nghttp2_session_server_new2(&session, callbacks, this, options)
        guard result == 0 else { throw Self.error(result) }
        self.session = session
        let settings = [
            nghttp2_settings_entry(settings_id: CInt(NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS.rawValue), value: Self.streamLimit),
            nghttp2_settings_entry(settings_id: CInt(NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE.rawValue), value: Self.streamWindow),
            nghttp2_settings_entry(settings_id: CInt(NGHTTP2_SETTINGS_ENABLE_PUSH.rawValue), value: 0),
        ]
        try Self.check(nghttp2_submit_settings(session, UInt8(NGHTTP2_FLAG_NONE.rawValue), settings, role == .client ? 3 : 2))
        try Self.check(nghttp2_session_set_local_window_size(session, UInt8(NGHTTP2_FLAG_NONE.rawValue), 0, Self.connectionWindow))
    }

    deinit { nghttp2_session_del(session) }

    private static func error(_ code: CInt) -> HTTP2Error { HTTP2Error("http2: " + String(cString: nghttp2_strerror(code))) }

    private static func check(_ code: CInt) throws(HTTP2Error) { if code < 0 { throw error(code) } }

    // MARK: Bytes

    /// Takes what has come, and gives what it means. Throws when the peer does not speak HTTP/2: the connection is of no more use.
    package func receive(_ bytes: [UInt8]) throws(HTTP2Error) -> [Event] {
        let count = nghttp2_session_mem_recv(session, bytes, bytes.count)
        if count < 0 { throw Self.error(CInt(truncatingIfNeeded: count)) }
        defer { events = [] }
        return events
    }

    /// What is to be sent now, about `limit` bytes at most; empty when there is nothing.
    package func output(upTo limit: Int = 256 << 10) throws(HTTP2Error) -> [UInt8] {
        var result: [UInt8] = []
        while result.count < limit {
            var bytes: UnsafePointer<UInt8>?
            let count = nghttp2_session_mem_send(session, &bytes)
            if count < 0 { throw Self.error(CInt(truncatingIfNeeded: count)) }
            if count == 0 { break }
            result += UnsafeBufferPointer(start: bytes, count: count)
        }
        return result
    }

    /// What `output` has come to meanwhile: streams may be over by it.
    package func takeEvents() -> [Event] {
        defer { events = [] }
        return events
    }

    /// Neither side has anything left to do.
    var isOver: Bool { nghttp2_session_want_read(session) == 0 && nghttp2_session_want_write(session) == 0 }

    // MARK: Streams

    /// Begins a request, whose body `send` and `finish` give. Gives the stream's number.
    func open(_ head: [HTTP2Field]) throws(HTTP2Error) -> Int32 {
        var provider = Self.provider
        let id = Self.withFields(head) { nghttp2_submit_request(session, nil, $0, $1, &provider, nil) }
        try Self.check(id)
        streams[id] = Stream()
        return id
    }

    /// Begins the response.
    package func respond(_ id: Int32, _ head: [HTTP2Field]) throws(HTTP2Error) {
        var provider = Self.provider
        try Self.check(Self.withFields(head) { nghttp2_submit_response(session, id, $0, $1, &provider) })
    }

    /// Throws when the stream is over.
    package func send(_ id: Int32, _ bytes: [UInt8]) throws(HTTP2Error) {
        guard streams[id] != nil else { throw HTTP2Error("http2: the stream is closed") }
        streams[id]?.output += bytes
        // An error says that it is not waiting for more.
        _ = nghttp2_session_resume_data(session, id)
    }

    /// Nothing more comes on it, but for `trailers`.
    package func finish(_ id: Int32, _ trailers: [HTTP2Field]) {
        guard streams[id] != nil else { return }
        streams[id]?.trailers = trailers
        _ = nghttp2_session_resume_data(session, id)
    }

    /// Breaks it off, as cancelled.
    func reset(_ id: Int32) {
        guard streams[id] != nil else { return }
        _ = nghttp2_submit_rst_stream(session, UInt8(NGHTTP2_FLAG_NONE.rawValue), id, NGHTTP2_CANCEL.rawValue)
    }

    /// The peer may send so many bytes more.
    package func consumed(_ id: Int32, _ count: Int) {
        // A stream that is over has no window any more; the connection's is widened all the same.
        _ = nghttp2_session_consume(session, id, count)
    }

    /// Bytes that wait to be sent.
    func backlog(_ id: Int32) -> Int { streams[id].map { $0.output.count - $0.sent } ?? 0 }

    private static func withFields<Result>(_ fields: [HTTP2Field], _ body: (UnsafePointer<nghttp2_nv>?, Int) -> Result) -> Result {
        var bytes: [UInt8] = [], places: [(name: Int, nameCount: Int, value: Int, valueCount: Int)] = []
        for field in fields {
            let name = Array(field.name.utf8), value = Array(field.value.utf8)
            places.append((bytes.count, name.count, bytes.count + name.count, value.count))
            bytes += name + value
        }
        return bytes.withUnsafeMutableBufferPointer { buffer in
            let start = buffer.baseAddress
            let values = places.map {
                nghttp2_nv(
                    name: start?.advanced(by: $0.name), value: start?.advanced(by: $0.value), namelen: $0.nameCount, valuelen: $0.valueCount,
                    flags: UInt8(NGHTTP2_NV_FLAG_NONE.rawValue))
            }
            return values.withUnsafeBufferPointer { body($0.baseAddress, $0.count) }
        }
    }

    // MARK: What nghttp2 calls

    private static func this(_ pointer: UnsafeMutableRawPointer?) -> HTTP2Session? {
        pointer.map { Unmanaged<HTTP2Session>.fromOpaque($0).takeUnretainedValue() }
    }

    private static func register(_ callbacks: OpaquePointer?) {
        nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks) { _, frame, pointer in
            guard let this = HTTP2Session.this(pointer), let id = frame?.pointee.hd.stream_id else { return 0 }
            this.streams[id, default: HTTP2Session.Stream()].head = []
            this.streams[id]?.headBytes = 0
            return 0
        }
        nghttp2_session_callbacks_set_on_header_callback(callbacks) { _, frame, name, nameCount, value, valueCount, _, pointer in
            guard let this = HTTP2Session.this(pointer), let id = frame?.pointee.hd.stream_id else { return 0 }
            let bytes = (this.streams[id]?.headBytes ?? 0) + nameCount + valueCount + 32
            // Breaks the stream off.
            guard bytes <= HTTP2Session.headLimit else { return CInt(NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE.rawValue) }
            this.streams[id]?.headBytes = bytes
            this.streams[id]?.head.append(HTTP2Field(HTTP2Session.text(name, nameCount), HTTP2Session.text(value, valueCount)))
            return 0
        }
        nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks) { _, frame, pointer in
            guard let this = HTTP2Session.this(pointer), let frame = frame?.pointee.hd else { return 0 }
            let isHead = frame.type == UInt8(NGHTTP2_HEADERS.rawValue), isData = frame.type == UInt8(NGHTTP2_DATA.rawValue)
            if isHead {
                this.events.append(.head(frame.stream_id, this.streams[frame.stream_id]?.head ?? []))
                this.streams[frame.stream_id]?.head = []
            }
            if isHead || isData, frame.flags & UInt8(NGHTTP2_FLAG_END_STREAM.rawValue) != 0 { this.events.append(.ended(frame.stream_id)) }
            return 0
        }
        nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks) { _, _, id, bytes, count, pointer in
            guard let this = HTTP2Session.this(pointer) else { return 0 }
            this.events.append(.data(id, Array(UnsafeBufferPointer(start: bytes, count: count))))
            return 0
        }
        nghttp2_session_callbacks_set_on_stream_close_callback(callbacks) { _, id, code, pointer in
            guard let this = HTTP2Session.this(pointer) else { return 0 }
            this.streams[id] = nil
            this.events.append(.closed(id, code: code))
            return 0
        }
    }

    private static func text(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> String {
        String(decoding: UnsafeBufferPointer(start: bytes, count: count), as: UTF8.self)
    }

    /// Where the bodies come from.
    private static var provider: nghttp2_data_provider {
        nghttp2_data_provider(source: nghttp2_data_source(fd: 0)) { session, id, buffer, length, flags, _, pointer in
            guard let this = HTTP2Session.this(pointer), let stream = this.streams[id], let buffer, let flags else { return Int(NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE.rawValue) }
            let count = min(length, stream.output.count - stream.sent)
            if count == 0, stream.trailers == nil { return Int(NGHTTP2_ERR_DEFERRED.rawValue) }
            stream.output.withUnsafeBufferPointer { output in
                if let start = output.baseAddress, count > 0 { buffer.update(from: start.advanced(by: stream.sent), count: count) }
            }
            this.advance(id, count)
            if let trailers = stream.trailers, this.backlog(id) == 0 {
                flags.pointee |= NGHTTP2_DATA_FLAG_EOF.rawValue
                if !trailers.isEmpty {
                    flags.pointee |= NGHTTP2_DATA_FLAG_NO_END_STREAM.rawValue
                    _ = HTTP2Session.withFields(trailers) { nghttp2_submit_trailer(session, id, $0, $1) }
                }
            }
            return count
        }
    }

    private func advance(_ id: Int32, _ count: Int) {
        guard var stream = streams.removeValue(forKey: id) else { return }
        stream.sent += count
        // Moved when half of it is gone, so that each byte moves about once.
        if stream.sent * 2 >= stream.output.count {
            stream.output.removeFirst(stream.sent)
            stream.sent = 0
        }
        streams[id] = stream
    }
}
