namespace KubeLab.Engine.Remote;

/// <summary>Runs blocking SSH.NET calls on dedicated threads, so that they do not occupy the thread pool.</summary>
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
