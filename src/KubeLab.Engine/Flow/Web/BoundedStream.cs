namespace KubeLab.Engine.Flow.Web;

/// <summary>A response body with a maximum length.</summary>
internal sealed class BoundedStream(Stream inner, long maxLength, string path) : Stream
{
    private long _read;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => _read; set => throw new NotSupportedException(); }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        Counted(await inner.ReadAsync(buffer, cancellationToken));

    public override int Read(byte[] buffer, int offset, int count) => Counted(inner.Read(buffer, offset, count));

    public override void Flush() => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            inner.Dispose();
        base.Dispose(disposing);
    }

    private int Counted(int count) => (_read += count) <= maxLength ? count
        : throw new KlException(
            ErrorIds.KubeAnswerTooLong, KlErrorKind.Failed, path, $"The server's response to {path.Split('?')[0]} is longer than {maxLength >> 20} MiB.",
            "Check that the server in the kubeconfig is a Kubernetes API server.");
}
