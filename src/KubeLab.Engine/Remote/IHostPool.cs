namespace KubeLab.Engine.Remote;

/// <summary>Opens hosts; one shared connection a host, kept for the next command.</summary>
public interface IHostPool : IAsyncDisposable
{
    /// <summary>A host by the name that its errors shall carry. Nothing is connected before its first command; disposing the host gives it back to the pool.</summary>
    IHost Open(string name, SshEndpoint endpoint);
}
