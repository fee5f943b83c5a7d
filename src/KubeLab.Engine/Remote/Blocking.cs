namespace KubeLab.Engine.Remote;

/// <summary>Calls that block, on threads of their own: SSH.NET waits in them, and the pool's few threads are not for waiting.</summary>
internal static class Blocking
{
    public static Task<T> RunAsync<T>(Func<T> call) =>
        Task.Factory.StartNew(call, CancellationToken.None, TaskCreationOptions.LongRunning | TaskCreationOptions.DenyChildAttach, TaskScheduler.Default);

    public static Task RunAsync(Action call) => RunAsync(() =>
    {
        call();
        return true;
    });
}
