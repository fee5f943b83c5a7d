namespace KubeLab.Engine.Remote;

/// <summary>Opens hosts. Each host has one shared connection, which is kept for later commands.</summary>
public interface IHostPool : IAsyncDisposable
{
    /// <summary>Returns a host. The name appears in its errors. The first command opens the connection. Disposing the host returns it to the pool.</summary>
    IHost Open(string name, SshEndpoint endpoint);

    /// <summary>Closes the connection to a host that does not respond, unless other commands use it. The next command opens a new one.</summary>
    void Drop(string name, SshEndpoint endpoint);
}
